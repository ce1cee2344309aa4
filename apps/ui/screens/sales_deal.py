"""Deal."""

import streamlit as st

st.title("Deal")
