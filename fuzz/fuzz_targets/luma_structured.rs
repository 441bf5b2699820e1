//! Drawn codes in trouble of the fuzzer's choice → the payload drawn, or none.
#![no_main]

use greenlit_fuzz::code::{Code, Kind};
use greenlit_fuzz::picture::{Picture, View, quadrangle};
use greenlit_fuzz::{Bytes, begin, clear, live, shown, still};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: begin("luma_structured"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let (width, height) = (64 + usize::from(bytes.byte()) % 176, 64 + usize::from(bytes.byte()) % 176);
    let trouble = bytes.byte();
    let kind = Kind::decided(&mut bytes, 10);
    let Some(first) = drawn(kind, &mut bytes, trouble) else { return };
    // Another code in the same place: what a stream adds up of both must be neither's nor a mixture.
    let second = if trouble & 1 == 1 { drawn(kind, &mut bytes, trouble) } else { None };
    let view = view(&mut bytes, &first.code, (width, height), trouble);
    let extra = (0..if trouble & 2 == 2 { bytes.byte() % 4 } else { 0 })
        .map(|_| ((bytes.part() * width as f32, bytes.part() * height as f32), 1.0 + 3.0 * bytes.part()))
        .collect::<Vec<_>>();
    let (blur, noise) = if trouble & 4 == 4 { (usize::from(bytes.byte() % 4), 160.0 * bytes.part()) } else { (0, 0.0) };
    let slope = if trouble & 8 == 8 { bytes.part() } else { 0.0 };
    let glare = if trouble & 8 == 8 { 200.0 * bytes.part() } else { 0.0 };
    let spot = (bytes.part() * width as f32, bytes.part() * height as f32);
    let seed = u64::from(bytes.word());

    let picture = |code: &Code| {
        let mut picture = Picture::new(width, height, 150.0);
        picture.put(code, &view);
        extra.iter().for_each(|(place, module)| picture.finder(*place, *module));
        picture.lit(slope, glare, spot);
        picture.blurred(blur);
        picture
    };
    let (one, other) = (picture(&first.code), second.as_ref().map(|second| picture(&second.code)));
    let frame = one.frame(noise, seed);
    let read = still(&frame);
    is_drawn(&read, [Some(&first), None]);
    if trouble & 0x7f == 0 && is_easy(&view, &first.code, (width, height)) {
        let refused = first.payload.is_empty() || first.payload.starts_with(b"GL");
        assert!(refused || !clear(&frame).is_empty(), "not read: {}", shown(&first.payload));
    }
    let frames = [frame, other.as_ref().unwrap_or(&one).frame(noise, seed + 1), one.frame(noise, seed + 2)];
    is_drawn(&live(&frames), [Some(&first), second.as_ref()]);
});

struct Drawn {
    code: Code,
    payload: Vec<u8>,
}

fn drawn(kind: Kind, bytes: &mut Bytes<'_>, trouble: u8) -> Option<Drawn> {
    let (code, payload) = kind.segments(bytes)?;
    let hits = if trouble & 16 == 16 { usize::from(bytes.byte()) } else { 0 };
    Some(Drawn { code: code.damaged(bytes, hits), payload })
}

fn view(bytes: &mut Bytes<'_>, code: &Code, (width, height): (usize, usize), trouble: u8) -> View {
    let module = 1.0 + f32::from(bytes.byte()) / 40.0;
    let mut view = View::straight(code, module, (4.0 * module, 4.0 * module));
    if trouble & 32 == 32 {
        let middle = (bytes.part() * width as f32, bytes.part() * height as f32);
        view.corners = quadrangle(bytes, middle, code.side as f32 * module);
    }
    if trouble & 64 == 64 {
        view.quiet = 6.0 * bytes.part();
        (view.dark, view.light) = (f32::from(bytes.byte()), f32::from(bytes.byte()));
        let flags = bytes.byte();
        (view.inverted, view.mirrored) = (flags & 1 == 1, flags & 2 == 2);
    }
    view
}

/// Square on and whole, at three pixels a module or more: there is no excuse.
fn is_easy(view: &View, code: &Code, (width, height): (usize, usize)) -> bool {
    let [(left, top), _, (right, bottom), _] = view.corners;
    let module = (right - left) / code.side as f32;
    let room = 4.0 * module;
    module >= 3.0 && left >= room && top >= room && right + room <= width as f32 && bottom + room <= height as f32
}

fn is_drawn(read: &[Vec<u8>], drawn: [Option<&Drawn>; 2]) {
    for payload in read {
        let known = drawn.iter().flatten().any(|drawn| drawn.payload == *payload);
        assert!(known, "read: {}, and nobody drew that", shown(payload));
    }
}
