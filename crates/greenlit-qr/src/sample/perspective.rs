//! From modules to pixels: a plane seen in perspective, told by the middles of three finders and how
//! much farther away two of them are than the first.

/// A point in pixels.
pub(crate) type Point = (f32, f32);

/// A homography in the form that suits QR codes: with the corner finder, the one across and the one down
/// fixed, only two numbers are left, and each is measured by the timing pattern along its side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Perspective {
    /// Middles of the finders: at the corner, across and down.
    pub(crate) corner: Point,
    pub(crate) across: Point,
    pub(crate) down: Point,
    /// How much nearer the finders across and down are than the corner; 1 without perspective.
    pub(crate) near: (f32, f32),
    /// Modules a side.
    pub(crate) side: usize,
}

impl Perspective {
    /// The nine numbers that turn modules into pixels.
    pub(crate) fn matrix(&self) -> Matrix {
        let span = self.side as f32 - 7.0;
        let (wx, wy) = self.near;
        // With u and v from 0 to 1 between the middles: ((1-u-v)·corner + u·wx·across + v·wy·down) over
        // the same with ones for the points.
        let row = |o: f32, a: f32, b: f32| {
            let (du, dv) = ((wx * a - o) / span, (wy * b - o) / span);
            [o - 3.5 * (du + dv), du, dv]
        };
        Matrix {
            x: row(self.corner.0, self.across.0, self.down.0),
            y: row(self.corner.1, self.across.1, self.down.1),
            w: row(1.0, 1.0, 1.0),
        }
    }

    /// The same in a picture so many times as large.
    pub(crate) fn scaled(&self, by: f32) -> Self {
        let times = |(x, y): Point| (x * by, y * by);
        Self { corner: times(self.corner), across: times(self.across), down: times(self.down), ..*self }
    }

    /// The same, with the perspective that puts a place of the code on a point of the picture.
    pub(crate) fn through(&self, module: Point, point: Point) -> Option<Self> {
        let span = self.side as f32 - 7.0;
        let (u, v) = ((module.0 - 3.5) / span, (module.1 - 3.5) / span);
        let from = |p: Point, weight: f32| ((p.0 - point.0) * weight, (p.1 - point.1) * weight);
        let (o, a, b) = (from(self.corner, 1.0 - u - v), from(self.across, u), from(self.down, v));
        let determinant = a.0 * b.1 - a.1 * b.0;
        if determinant.abs() < 1e-6 {
            return None;
        }
        let wx = (b.0 * o.1 - b.1 * o.0) / determinant;
        let wy = (a.1 * o.0 - a.0 * o.1) / determinant;
        let sane = |w: f32| (0.25..4.0).contains(&w);
        (sane(wx) && sane(wy)).then_some(Self { near: (wx, wy), ..*self })
    }
}

/// Modules → pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix {
    pub(crate) x: [f32; 3],
    pub(crate) y: [f32; 3],
    pub(crate) w: [f32; 3],
}

impl Matrix {
    /// The pixel of a place given in modules; the middle of the first module is at one half.
    #[inline]
    pub(crate) fn at(&self, x: f32, y: f32) -> Point {
        let on = |[a, b, c]: [f32; 3]| a + b * x + c * y;
        let w = on(self.w);
        (on(self.x) / w, on(self.y) / w)
    }

    /// The modules of one row, whose places cost less to tell one after the other.
    pub(crate) fn line(&self, y: f32) -> Line {
        let on = |[a, b, c]: [f32; 3]| [a + c * y, b];
        Line { x: on(self.x), y: on(self.y), w: on(self.w) }
    }

    /// Pixels a module around a place: the root of the area.
    pub(crate) fn scale(&self, x: f32, y: f32) -> f32 {
        let (p, q, r) = (self.at(x, y), self.at(x + 1.0, y), self.at(x, y + 1.0));
        ((q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0)).abs().sqrt()
    }

    /// Whether the whole code is in front of the camera.
    pub(crate) fn is_sane(&self, side: usize) -> bool {
        let side = side as f32;
        [(0.0, 0.0), (side, 0.0), (0.0, side), (side, side)].iter().all(|(x, y)| {
            let [a, b, c] = self.w;
            let (px, py) = self.at(*x, *y);
            a + b * x + c * y > 0.1 && px.abs() < 1e6 && py.abs() < 1e6
        })
    }
}

/// Modules of one row → pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    x: [f32; 2],
    y: [f32; 2],
    w: [f32; 2],
}

impl Line {
    #[inline]
    pub(crate) fn at(&self, x: f32) -> Point {
        let on = |[a, b]: [f32; 2]| a + b * x;
        let part = 1.0 / on(self.w);
        (on(self.x) * part, on(self.y) * part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finders_stay_and_the_fourth_point_is_met() {
        let flat =
            Perspective { corner: (10.0, 20.0), across: (90.0, 25.0), down: (5.0, 110.0), near: (1.0, 1.0), side: 25 };
        let met = flat.through((18.5, 18.5), (80.0, 95.0)).unwrap();
        let matrix = met.matrix();
        let close = |a: Point, b: Point| (a.0 - b.0).abs() < 1e-3 && (a.1 - b.1).abs() < 1e-3;
        assert!(close(matrix.at(3.5, 3.5), (10.0, 20.0)) && close(matrix.at(21.5, 3.5), (90.0, 25.0)));
        assert!(close(matrix.at(3.5, 21.5), (5.0, 110.0)) && close(matrix.at(18.5, 18.5), (80.0, 95.0)));
        assert!(close(flat.matrix().at(12.5, 3.5), (50.0, 22.5)) && matrix.is_sane(25));
    }
}
