//! A better perspective: the one under which everything that is the same in every code of the version
//! (finders, timing and alignment patterns) agrees best with the picture.

use crate::decode::layout::{Known, Layout};
use crate::sample::grey::Grey;
use crate::sample::perspective::Perspective;

/// How much the picture agrees with the patterns: the mean light of light modules less that of dark ones.
pub(crate) fn contrast(grey: &Grey, perspective: &Perspective, layout: &Layout) -> f32 {
    let matrix = perspective.matrix();
    let (mut dark, mut light) = ((0.0, 0.0), (0.0, 0.0));
    for known in &layout.known {
        let (x, y) = matrix.at(f32::from(known.x) + 0.5, f32::from(known.y) + 0.5);
        let (sum, count) = if known.dark { &mut dark } else { &mut light };
        (*sum, *count) = (*sum + grey.at(x, y), *count + 1.0);
    }
    light.0 / light.1 - dark.0 / dark.1
}

/// How much finders and timing patterns agree with the picture, from -1 to 1: the correlation of what
/// should be with what is.
pub(crate) fn agreement(grey: &Grey, perspective: &Perspective, layout: &Layout) -> f32 {
    correlation(grey, perspective, layout.known.get(..layout.frame).unwrap_or_default())
}

/// The same for the finders alone, which do not yet need the right version.
pub(crate) fn finders_agreement(grey: &Grey, perspective: &Perspective, layout: &Layout) -> f32 {
    correlation(grey, perspective, layout.known.get(..layout.finders).unwrap_or_default())
}

fn correlation(grey: &Grey, perspective: &Perspective, known: &[Known]) -> f32 {
    let matrix = perspective.matrix();
    let (mut n, mut dark, mut sum, mut squares, mut both) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for known in known {
        let (x, y) = matrix.at(f32::from(known.x) + 0.5, f32::from(known.y) + 0.5);
        let light = grey.at(x, y);
        n += 1.0;
        sum += light;
        squares += light * light;
        if known.dark {
            dark += 1.0;
            both += light;
        }
    }
    let spread = (squares - sum * sum / n) * (dark - dark * dark / n);
    if spread > 1.0 { (sum * dark / n - both) / spread.sqrt() } else { 0.0 }
}

/// Moves the finders and the fourth corner in smaller and smaller steps while that helps.
pub(crate) fn refine(grey: &Grey, start: Perspective, layout: &Layout) -> Perspective {
    let mut best = (start, contrast(grey, &start, layout));
    let matrix = start.matrix();
    let size = matrix.scale(start.side as f32 / 2.0, start.side as f32 / 2.0).clamp(0.5, 50.0);
    let far = start.side as f32 - 3.5;
    for step in [0.5, 0.25, 0.12] {
        let step = step * size;
        for _ in 0..2 {
            let before = best.1;
            for handle in 0..4 {
                for (dx, dy) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                    let moved = |(x, y): (f32, f32)| (x + dx, y + dy);
                    let fourth = best.0.matrix().at(far, far);
                    let mut turned = best.0;
                    let target = match handle {
                        0 => moved(fourth),
                        _ => fourth,
                    };
                    match handle {
                        1 => turned.corner = moved(turned.corner),
                        2 => turned.across = moved(turned.across),
                        3 => turned.down = moved(turned.down),
                        _ => {}
                    }
                    let Some(turned) = turned.through((far, far), target) else { continue };
                    let agreement = contrast(grey, &turned, layout);
                    if agreement > best.1 {
                        best = (turned, agreement);
                    }
                }
            }
            if best.1 <= before {
                break;
            }
        }
    }
    best.0
}
