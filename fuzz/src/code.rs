//! QR codes as modules: from codewords, or from segments whose payload is known.

use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern, Module};
use qrcode::{Color, EcLevel, Version};

use crate::Bytes;

const LEVELS: [EcLevel; 4] = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H];
const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// Version, correction and mask.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    version: i16,
    level: usize,
    mask: usize,
}

impl Kind {
    /// Of a version up to `most`.
    pub fn decided(bytes: &mut Bytes<'_>, most: u8) -> Self {
        let version = 1 + i16::from(bytes.byte() % most);
        let rest = usize::from(bytes.byte());
        Self { version, level: rest % 4, mask: rest / 4 % 8 }
    }

    fn version(self) -> Version {
        Version::Normal(self.version)
    }

    /// Bytes of data.
    pub fn room(self) -> usize {
        Bits::new(self.version()).max_len(LEVELS[self.level]).expect("a version there is") / 8
    }

    fn canvas(self) -> Canvas {
        let mut canvas = Canvas::new(self.version(), LEVELS[self.level]);
        canvas.draw_all_functional_patterns();
        canvas
    }

    /// The code whose data codewords are these, filled up with zeros.
    pub fn code(self, data: &[u8]) -> Code {
        let mut data = data.to_vec();
        data.resize(self.room(), 0);
        let (data, correction) = qrcode::ec::construct_codewords(&data, self.version(), LEVELS[self.level])
            .expect("data of the right length");
        let mut canvas = self.canvas();
        canvas.draw_data(&data, &correction);
        canvas.apply_mask(MASKS[self.mask]);
        Code { side: self.side(), dark: canvas.into_colors().into_iter().map(|color| color == Color::Dark).collect() }
    }

    /// A code whose finders, timing and alignment are as they must be, and everything else as these bits say.
    pub fn anything(self, bits: &[u8]) -> Code {
        let canvas = self.canvas();
        let side = self.side();
        let mut bits =
            bits.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1)).chain(std::iter::repeat(false));
        let places = (0..side).flat_map(|y| (0..side).map(move |x| (x as i16, y as i16)));
        let dark = places.map(|(x, y)| match canvas.get(x, y) {
            Module::Masked(color) => color == Color::Dark,
            Module::Unmasked(_) | Module::Empty => bits.next() == Some(true),
        });
        Code { side, dark: dark.collect() }
    }

    /// The bits from which `anything` makes this code.
    pub fn free(self, code: &Code) -> Vec<u8> {
        let canvas = self.canvas();
        let side = self.side();
        let places = (0..side * side)
            .filter(|at| !matches!(canvas.get((at % side) as i16, (at / side) as i16), Module::Masked(_)));
        let bits: Vec<bool> = places.map(|at| code.dark[at]).collect();
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
    }

    fn side(self) -> usize {
        self.version().width() as usize
    }

    /// Every way in which an encoder writes this payload plainly.
    pub fn plainly(self, payload: &[u8]) -> Vec<Code> {
        self.data(payload).iter().map(|data| self.code(data)).collect()
    }

    /// The data codewords of each.
    pub fn data(self, payload: &[u8]) -> Vec<Vec<u8>> {
        let ways: [fn(&mut Bits, &[u8]) -> bool; 3] = [
            |bits, text| bits.push_alphanumeric_data(text).is_ok(),
            |bits, text| bits.push_byte_data(text).is_ok(),
            |bits, text| bits.push_optimal_data(text).is_ok(),
        ];
        let capitals = payload.iter().all(|sign| SIGNS.contains(sign));
        ways.iter().skip(usize::from(!capitals)).filter_map(|way| self.written(|bits| way(bits, payload))).collect()
    }

    fn written(self, write: impl FnOnce(&mut Bits) -> bool) -> Option<Vec<u8>> {
        let mut bits = Bits::new(self.version());
        let fits = write(&mut bits) && bits.push_terminator(LEVELS[self.level]).is_ok();
        fits.then(|| bits.into_bytes())
    }

    /// Segments of the fuzzer's choice and what they say; `None` where they do not fit.
    pub fn segments(self, bytes: &mut Bytes<'_>) -> Option<(Code, Vec<u8>)> {
        let mut payload = Vec::new();
        let count = 1 + bytes.byte() % 4;
        let data = self.written(|bits| (0..count).all(|_| segment(bits, bytes, &mut payload)))?;
        Some((self.code(&data), payload))
    }
}

const SIGNS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

fn segment(bits: &mut Bits, bytes: &mut Bytes<'_>, payload: &mut Vec<u8>) -> bool {
    let (kind, length) = (bytes.byte() % 6, usize::from(bytes.byte()));
    let raw = bytes.take(length);
    let sign = |signs: &[u8]| raw.iter().map(|byte| signs[usize::from(*byte) % signs.len()]).collect::<Vec<u8>>();
    let said = match kind {
        0 => raw.to_vec(),
        1 => sign(SIGNS),
        2 => sign(&SIGNS[..10]),
        // Shift JIS of two bytes, the second never 0x7f or above 0xfc.
        3 => raw.iter().flat_map(|byte| [0x88 + byte % 16, 0x40 + byte % 0x3f]).collect(),
        // What is passed over: a character set.
        4 => return bits.push_eci_designator(u32::from(raw.first().copied().unwrap_or(26))).is_ok(),
        // What a pass is.
        _ => [b"GL1:".as_slice(), &sign(SIGNS)].concat(),
    };
    let fits = match kind {
        0 => bits.push_byte_data(&said),
        2 => bits.push_numeric_data(&said),
        3 => bits.push_kanji_data(&said),
        _ => bits.push_alphanumeric_data(&said),
    };
    payload.extend(said);
    fits.is_ok()
}

/// Dark and light, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub side: usize,
    pub dark: Vec<bool>,
}

impl Code {
    /// Outside it is light.
    pub fn is_dark(&self, x: i32, y: i32) -> bool {
        let inside = |at: i32| usize::try_from(at).ok().filter(|at| *at < self.side);
        inside(x).zip(inside(y)).is_some_and(|(x, y)| self.dark[y * self.side + x])
    }

    /// The same with some modules turned over.
    pub fn damaged(mut self, bytes: &mut Bytes<'_>, count: usize) -> Self {
        for _ in 0..count {
            let at = bytes.below(self.dark.len());
            self.dark[at] = !self.dark[at];
        }
        self
    }
}
