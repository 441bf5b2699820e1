//! The holder's face, of passes that have one: decoded in memory, under limits, and gone with the answer.

use std::io::Cursor;

use greenlit_core::scheme::{Photo, PhotoFormat};
use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext};
use image::{DynamicImage, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage};
use image_webp::WebPDecoder;

use super::quiet;

/// Longest side in pixels: passes hold a few kilobytes, and faces of some 200 pixels.
const MAX_SIDE: u32 = 512;
/// Most memory for unpacking.
const MAX_MEMORY: usize = 8 << 20;
/// Most bytes of an encoded face: no code holds as many.
const MAX_BYTES: usize = 32 << 10;

/// Whether faces of this format are shown.
pub(crate) fn can_be_drawn(format: PhotoFormat) -> bool {
    // No kept decoder in Rust alone.
    format != PhotoFormat::Avif
}

/// The face; `None` for what cannot be shown.
pub(crate) fn decode(photo: &Photo) -> Option<RgbImage> {
    if photo.bytes.len() > MAX_BYTES {
        return None;
    }
    quiet::run(|| match photo.format {
        PhotoFormat::Jpeg => decode_by_image(&photo.bytes, ImageFormat::Jpeg),
        PhotoFormat::Png => decode_by_image(&photo.bytes, ImageFormat::Png),
        PhotoFormat::Webp => decode_webp(&photo.bytes),
        PhotoFormat::Jpeg2000 => decode_jpeg_2000(&photo.bytes),
        PhotoFormat::Avif => None,
    })
    .flatten()
}

fn decode_by_image(bytes: &[u8], format: ImageFormat) -> Option<RgbImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_MEMORY as u64);
    reader.limits(limits);
    reader.decode().ok().map(DynamicImage::into_rgb8)
}

fn decode_webp(bytes: &[u8]) -> Option<RgbImage> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).ok()?;
    decoder.set_memory_limit(MAX_MEMORY);
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || decoder.is_animated() {
        return None;
    }
    let mut data = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut data).ok()?;
    if decoder.has_alpha() {
        return RgbaImage::from_raw(width, height, data).map(|picture| DynamicImage::from(picture).into_rgb8());
    }
    RgbImage::from_raw(width, height, data)
}

/// A code stream (ISO/IEC 15444-1 §A.5.1) of one or three components in a few tiles: its decoder reserves for all that is
/// declared.
fn is_modest(stream: &[u8]) -> bool {
    const COMPONENTS: usize = 40;
    let number = |at: usize| Some(u32::from_be_bytes(*stream.get(at..)?.first_chunk()?));
    let tiles = || {
        let [width, height, across, down] = [number(8)?, number(12)?, number(24)?, number(28)?];
        width.div_ceil(across.max(1)).checked_mul(height.div_ceil(down.max(1)))
    };
    let components = stream.get(COMPONENTS..).and_then(|rest| rest.first_chunk().copied()).map(u16::from_be_bytes);
    stream.starts_with(&[0xFF, 0x4F, 0xFF, 0x51])
        && matches!(components, Some(1 | 3))
        && tiles().is_some_and(|tiles| (1..=64).contains(&tiles))
}

fn decode_jpeg_2000(bytes: &[u8]) -> Option<RgbImage> {
    if !is_modest(bytes) {
        return None;
    }
    let image = hayro_jpeg2000::Image::new(bytes, &DecodeSettings::default()).ok()?;
    let (width, height) = (image.width(), image.height());
    if width > MAX_SIDE || height > MAX_SIDE {
        return None;
    }
    let grey = matches!(image.color_space(), ColorSpace::Gray);
    if image.has_alpha() || !(grey || matches!(image.color_space(), ColorSpace::RGB)) {
        return None;
    }
    let data = image.decode(&mut DecoderContext::default()).ok()?.data_u8();
    let rgb = if grey { data.into_iter().flat_map(|level| [level; 3]).collect() } else { data };
    RgbImage::from_raw(width, height, rgb)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn encoded(side: u32, format: ImageFormat) -> Vec<u8> {
        let picture =
            RgbImage::from_fn(side, side, |x, y| Rgb([x, y, 128].map(|level| u8::try_from(level % 256).unwrap())));
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_face_of_a_usual_size_is_seen_and_a_huge_one_is_not() {
        for (name, format) in [(PhotoFormat::Jpeg, ImageFormat::Jpeg), (PhotoFormat::Png, ImageFormat::Png)] {
            let decoded = |side| decode(&Photo { format: name, bytes: encoded(side, format) });
            assert_eq!(decoded(96).map(|face| face.dimensions()), Some((96, 96)), "{format:?}");
            assert!(decoded(513).is_none(), "{format:?}");
        }
    }

    /// UIDAI's own sample, in JPEG 2000; `GREENLIT_PICTURES=FOLDER` keeps what is seen.
    #[test]
    fn the_face_of_a_published_card_is_seen() {
        use base64::Engine;
        use der::Decode;
        use greenlit_core::scheme::{Algorithm, Recognised, SchemeKey};

        let read = |name: &str| {
            std::fs::read(format!("{}/vectors/foreign/aadhaar/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        let pem = String::from_utf8(read("uidai_prod_cdup.cer")).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).map(str::trim).collect();
        let certificate =
            x509_cert::Certificate::from_der(&base64::engine::general_purpose::STANDARD.decode(body).unwrap()).unwrap();
        let key = certificate.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
        let key = SchemeKey::read(Algorithm::Rs256, key).unwrap();
        let Recognised::Pass(pass) = greenlit_schemes::recognise(read("uidai-own-sample.txt").trim_ascii()) else {
            panic!("no card")
        };
        let face = decode(&pass.open(&key).unwrap().unwrap().holder.photo.unwrap()).unwrap();
        assert!(face.width() >= 40 && face.height() >= 40, "{:?}", face.dimensions());
        if let Some(folder) = std::env::var_os("GREENLIT_PICTURES") {
            face.save(std::path::Path::new(&folder).join("face.png")).unwrap();
        }
    }

    #[test]
    fn what_is_no_picture_is_not_seen() {
        for format in [PhotoFormat::Jpeg, PhotoFormat::Jpeg2000, PhotoFormat::Webp, PhotoFormat::Avif, PhotoFormat::Png]
        {
            for bytes in [Vec::new(), vec![0xFF, 0x4F, 0xFF, 0x51], vec![0; MAX_BYTES + 1]] {
                assert!(decode(&Photo { format, bytes }).is_none(), "{format:?}");
            }
        }
    }
}
