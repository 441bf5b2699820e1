//! Cameras that fail, and the film.

mod camera;
mod film;
