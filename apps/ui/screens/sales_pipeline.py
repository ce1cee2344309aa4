"""Pipeline."""

import streamlit as st

st.title("Pipeline")
