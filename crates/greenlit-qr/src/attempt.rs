//! Three finders → payload: geometry from the timing patterns, the fourth corner from an alignment
//! pattern, the modules' light, and the decoder; the more expensive ways only when the cheap one fails.

use crate::budget::Budget;
use crate::deblur::blur::BlurModel;
use crate::deblur::equalize::equalize;
use crate::deblur::evidence::Evidence;
use crate::deblur::unblur;
use crate::decode::layout::{Layout, layout, layout_of_side};
use crate::decode::{Decoded, Effort, Undecoded, decode};
use crate::detect::finder::Finder;
use crate::detect::triple::first_guess;
use crate::sample::alignment::{self, Mesh};
use crate::sample::bent;
use crate::sample::grey::Grey;
use crate::sample::levels::{middle_luma, module_luma, soft_by_mean, soft_modules};
use crate::sample::perspective::{Perspective, Point};
use crate::sample::refine::{self, refine};
use crate::sample::timing::{Guess, guesses};

/// Agreement of the finders alone, as first measured, below which they are none.
const MIN_FINDERS: f32 = 0.45;
/// Agreement of the timing patterns and of all that is known below which three finders are no code.
const MIN_TIMING: f32 = 0.1;
const MIN_AGREEMENT: f32 = 0.4;
/// The same for the expensive ways.
const MIN_AGREEMENT_EXPENSIVE: f32 = 0.5;

/// A code whose geometry was found.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    pub(crate) perspective: Perspective,
    /// Each module, above zero the surer dark and below the surer light, row by row, with blur undone where that was tried.
    pub(crate) soft_modules: Vec<f32>,
    /// How much finders and timing patterns agree with it.
    pub(crate) agreement: f32,
    /// The light of the modules before that.
    pub(crate) luma: Vec<f32>,
    pub(crate) inverted: bool,
    /// What the picture shows of its modules however blurred; of sights in one place the first has it.
    pub(crate) evidence: Option<Box<Evidence>>,
    /// Pixels of the picture for one of those that the perspective is in.
    pub(crate) scale: f32,
}

impl Observation {
    /// The corners of the code in pixels of the picture.
    pub(crate) fn corners(&self) -> [Point; 4] {
        corners(&self.perspective).map(|(x, y)| (x * self.scale, y * self.scale))
    }

    /// The same in a picture of which this one is a part.
    pub(crate) fn moved(self, left: f32, top: f32) -> Self {
        let by = |(x, y): Point| (x + left / self.scale, y + top / self.scale);
        let Perspective { corner, across, down, near, side } = self.perspective;
        let perspective = Perspective { corner: by(corner), across: by(across), down: by(down), near, side };
        Self { perspective, ..self }
    }

    /// Pixels a module, in the middle.
    pub(crate) fn module_size(&self) -> f32 {
        let middle = self.perspective.side as f32 / 2.0;
        self.perspective.matrix().scale(middle, middle) * self.scale
    }
}

/// What came of an attempt.
pub(crate) enum Outcome {
    Read(Decoded, [Point; 4]),
    /// A code, but not read.
    Unread(Observation),
    Nothing,
    /// A code without an error left in it whose contents make no sense: no other way reads it.
    Malformed,
    /// The three are not even finders of one code; to learn that costs next to nothing.
    NoCode,
}

/// The corners of a code, in pixels.
pub(crate) fn corners(perspective: &Perspective) -> [Point; 4] {
    let matrix = perspective.matrix();
    corners_by(perspective.side, |x, y| matrix.at(x, y))
}

/// The same, by what tells the pixel of a place in modules.
fn corners_by(side: usize, at: impl Fn(f32, f32) -> Point) -> [Point; 4] {
    let side = side as f32;
    [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(x, y)| at(x, y))
}

/// The cheap way.
pub(crate) fn decode_triple(grey: &Grey, finders: [&Finder; 3], budget: &Budget) -> Outcome {
    let (start, modules) = first_guess(finders, |finder, dx, dy| finder.measured_along(grey, dx, dy));
    let version = ((modules - 17.0) / 4.0).round().clamp(1.0, 40.0) as usize;
    let Some(first) = layout(version) else { return Outcome::Nothing };
    if refine::finders_agreement(grey, &Perspective { side: first.side, ..start }, first) < MIN_FINDERS {
        return Outcome::NoCode;
    }
    decode_guesses(grey, &guesses(grey, &start, modules), budget)
}

/// The cheap way, where the geometry is guessed.
pub(crate) fn decode_guesses(grey: &Grey, guesses: &[Guess], budget: &Budget) -> Outcome {
    let mut unread: Option<Observation> = None;
    for guess in guesses.iter().take(2).filter(|guess| guess.timing > MIN_TIMING && guess.agreement > MIN_AGREEMENT) {
        let Some(layout) = layout_of_side(guess.perspective.side) else { continue };
        if budget.is_spent() {
            break;
        }
        let perspective = through_alignment(grey, guess.perspective, layout);
        if !perspective.matrix().is_sane(layout.side) {
            continue;
        }
        let matrix = perspective.matrix();
        let quick = soft_by_mean(&middle_luma(grey, &matrix, layout.side), layout.side);
        let (mut luma, mut soft) = (Vec::new(), quick);
        for closer in [false, true] {
            if closer {
                luma = module_luma(grey, &matrix, layout.side, None);
                soft = soft_modules(&luma, layout.side);
            }
            match decode(&soft, layout, Effort::Plain) {
                Ok(decoded) => return Outcome::Read(decoded, corners(&perspective)),
                Err(Undecoded::Malformed) => return Outcome::Malformed,
                Err(Undecoded::Errors) => {}
            }
        }
        if unread.as_ref().is_none_or(|seen| seen.agreement < guess.agreement) {
            let (agreement, inverted, evidence) = (guess.agreement, grey.inverted(), None);
            let soft_modules = soft;
            unread = Some(Observation { perspective, soft_modules, agreement, luma, inverted, evidence, scale: 1.0 });
        }
    }
    unread.map_or(Outcome::Nothing, Outcome::Unread)
}

/// The expensive way, from where the cheap one ended.
pub(crate) fn decode_refined(grey: &Grey, seen: &mut Observation, budget: &Budget) -> Option<(Decoded, [Point; 4])> {
    let layout = layout_of_side(seen.perspective.side)?;
    if seen.agreement < MIN_AGREEMENT_EXPENSIVE {
        return None;
    }
    if let Ok(decoded) = decode(&seen.soft_modules, layout, Effort::Erasures) {
        return Some((decoded, corners(&seen.perspective)));
    }
    if budget.is_spent() {
        return None;
    }
    let perspective = refine(grey, seen.perspective, layout);
    let matrix = perspective.matrix();
    if !matrix.is_sane(layout.side) {
        return None;
    }
    let meshes = [None, Mesh::measure(grey, &matrix, layout)];
    for (round, mesh) in meshes.iter().enumerate() {
        if budget.is_spent() || (round == 1 && mesh.is_none()) {
            return None;
        }
        let sure = soft_modules(&module_luma(grey, &matrix, layout.side, mesh.as_ref()), layout.side);
        if budget.is_spent() {
            return None;
        }
        let clear = equalize(&sure, layout, budget);
        for sure in [&sure, &clear] {
            if let Ok(decoded) = decode(sure, layout, Effort::Erasures) {
                return Some((decoded, corners(&perspective)));
            }
        }
        seen.perspective = perspective;
        seen.soft_modules = clear;
    }
    None
}

/// Paper that is bent: along its timing patterns and from one alignment pattern to the next.
pub(crate) fn decode_bent(grey: &Grey, finders: [&Finder; 3], budget: &Budget) -> Option<(Decoded, [Point; 4])> {
    let (plane, bend) = bent::follow(grey, finders, budget)?;
    let layout = layout_of_side(plane.side)?;
    let matrix = plane.matrix();
    let mesh = Mesh::of_bend(grey, &matrix, layout, bend);
    let soft = soft_modules(&module_luma(grey, &matrix, layout.side, Some(&mesh)), layout.side);
    if budget.is_spent() {
        return None;
    }
    let decoded = decode(&soft, layout, Effort::Erasures).ok().or_else(|| {
        (!budget.is_spent()).then(|| decode(&equalize(&soft, layout, budget), layout, Effort::Erasures).ok())?
    })?;
    let corners = corners_by(layout.side, |x, y| {
        let (dx, dy) = mesh.offset(x, y);
        matrix.at(x + dx, y + dy)
    });
    Some((decoded, corners))
}

/// The most expensive way: all modules at once, with the blur between them undone. `grey` must not be sharpened.
pub(crate) fn decode_deblurred(
    grey: &Grey,
    perspective: &Perspective,
    budget: &Budget,
) -> (Option<Box<Evidence>>, Option<Decoded>) {
    let evidence = || {
        let layout = layout_of_side(perspective.side)?;
        let seen = BlurModel::estimate(grey, &perspective.matrix(), layout)?;
        (!budget.is_spent()).then(|| (Evidence::from_blur(&seen), layout))
    };
    let Some((evidence, layout)) = evidence() else { return (None, None) };
    let decoded = unblur::decode_evidence(&evidence, layout, budget);
    (Some(Box::new(evidence)), decoded)
}

/// The perspective that puts the last alignment pattern where it is seen.
fn through_alignment(grey: &Grey, perspective: Perspective, layout: &Layout) -> Perspective {
    let Some(&(x, y)) = layout.alignment.last() else { return perspective };
    let matrix = perspective.matrix();
    let place = (x as f32 + 0.5, y as f32 + 0.5);
    let reach = if layout.side > 40 { 4 } else { 3 };
    let found = alignment::find(grey, &matrix, place, reach);
    if found.agreement < 0.6 {
        return perspective;
    }
    perspective.through(place, matrix.at(place.0 + found.dx, place.1 + found.dy)).unwrap_or(perspective)
}
