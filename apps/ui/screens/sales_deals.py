"""Deals."""

import streamlit as st

st.title("Deals")
