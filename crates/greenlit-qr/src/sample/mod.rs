//! Where the modules of a code are in the picture, and how light they are.

pub(crate) mod alignment;
pub(crate) mod bent;
pub(crate) mod grey;
pub(crate) mod levels;
pub(crate) mod perspective;
pub(crate) mod refine;
pub(crate) mod timing;

/// Both ways so many steps to each side.
pub(crate) fn grid(steps: i32) -> impl Iterator<Item = (i32, i32)> {
    (-steps..=steps).flat_map(move |i| (-steps..=steps).map(move |j| (i, j)))
}
