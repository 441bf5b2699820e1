//! Codes in trouble.

mod frames;
mod trouble;
