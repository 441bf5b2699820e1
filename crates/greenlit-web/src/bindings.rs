//! The door to JavaScript: types are changed, and nothing is decided.
#![allow(unreachable_pub, reason = "what JavaScript calls is to be public")]

use chrono::{DateTime, FixedOffset};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::VenueKind;
use greenlit_core::typed::Press;
use greenlit_core::verdict::Verdict;
use greenlit_qr::LumaFrame;
use greenlit_words::Language;
use js_sys::Function;
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::till::SyncStep;
use crate::{Moment, Outcome, Place, RootSeen, Sounds, Till, Touch};

/// A till for JavaScript. Every answer is JSON.
#[wasm_bindgen(js_name = Till)]
pub struct JsTill {
    till: Till,
    /// Minutes from UTC at a time in seconds.
    offset: Function,
}

#[wasm_bindgen(js_class = Till)]
impl JsTill {
    /// With 32 bytes of chance, and what tells the phone's offset from UTC in minutes at a time in seconds. Tests say when the
    /// program was built.
    #[wasm_bindgen(constructor)]
    pub fn new(key: &[u8], offset: Function, built: Option<f64>) -> Self {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(key).for_each(|(byte, given)| *byte = *given);
        Self { till: Till::new(bytes, built.map_or_else(Till::build_date, seconds)), offset }
    }

    /// Language, types of place and sounds, by their words.
    #[wasm_bindgen(js_name = setPlace)]
    pub fn set_place(&mut self, language: &str, sites: &str, sounds: &str) {
        let sites = sites.split(' ').filter(|site| !site.is_empty());
        self.till.set_place(Place {
            language: Language::of_tag(language).unwrap_or_default(),
            sites: sites.map(|site| VenueKind(site.to_owned())).collect(),
            sounds: match sounds {
                "off" => Sounds::Off,
                "tones" => Sounds::Tones,
                _ => Sounds::Beep,
            },
        });
    }

    /// Goes on with what was kept; why not, if it could not.
    pub fn restore(&mut self, bytes: &[u8]) -> Option<String> {
        self.till.restore(bytes).err().map(|error| error.to_string())
    }

    /// Takes over what another page has kept, if that falls behind in nothing.
    pub fn adopt(&mut self, bytes: &[u8]) -> bool {
        self.till.adopt(bytes)
    }

    /// Whether this falls behind what another page has kept.
    #[wasm_bindgen(js_name = isBehind)]
    pub fn is_behind(&self, bytes: &[u8]) -> bool {
        self.till.is_behind(bytes)
    }

    /// What is to be kept.
    pub fn kept(&self) -> Vec<u8> {
        self.till.kept()
    }

    /// Notes the time; whether there is something to be kept.
    #[wasm_bindgen(js_name = noteTime)]
    pub fn note_time(&mut self, now: f64) -> bool {
        self.till.note_time(seconds(now))
    }

    /// Whether somebody is trusted.
    #[wasm_bindgen(js_name = hasAuthority)]
    pub fn has_authority(&self) -> bool {
        self.till.trust().anchor().is_some()
    }

    /// Whom is trusted: name, fingerprint, version, rules for other schemes.
    pub fn authority(&self, language: &str) -> String {
        let trust = self.till.trust();
        let (Some(anchor), Some(root)) = (trust.anchor(), trust.newest_root()) else { return "null".into() };
        let whose = root.authority.get(language);
        json!({
            "name": whose,
            "fingerprint": anchor.fingerprint().to_string(),
            "version": trust.bundle().map(|bundle| bundle.version),
            "practice": root.demo,
        })
        .to_string()
    }

    /// Looks for an authority's root with the camera, or judges.
    #[wasm_bindgen(js_name = lookForRoot)]
    pub fn look_for_root(&mut self, looks: bool) {
        self.till.look_for_root(looks);
    }

    /// Whom a root would have it trust.
    pub fn offer(&mut self, bytes: &[u8]) -> String {
        match self.till.offer(bytes) {
            Ok(offer) => json!({
                "authority": offer.authority,
                "fingerprint": offer.fingerprint,
                "insteadOf": offer.instead_of,
                "practice": offer.is_practice,
            }),
            Err(error) => json!({"refused": error.code(), "why": error.to_string()}),
        }
        .to_string()
    }

    /// Trusts what was offered.
    #[wasm_bindgen(js_name = trustOffered)]
    pub fn trust_offered(&mut self, steady: f64, now: f64) -> bool {
        self.till.trust_offered(moment(steady, now)).is_ok()
    }

    /// Begins a sync.
    #[wasm_bindgen(js_name = beginSync)]
    pub fn begin_sync(&mut self) {
        self.till.begin_sync();
    }

    /// A file was fetched.
    #[wasm_bindgen(js_name = takeFile)]
    pub fn take_file(&mut self, name: &str, bytes: &[u8]) {
        self.till.take_file(name, Ok(Some(bytes.to_vec())));
    }

    /// The server has no such file.
    #[wasm_bindgen(js_name = noFile)]
    pub fn no_file(&mut self, name: &str) {
        self.till.take_file(name, Ok(None));
    }

    /// A file was not reached.
    #[wasm_bindgen(js_name = failFile)]
    pub fn fail_file(&mut self, name: &str, why: &str) {
        self.till.take_file(name, Err(why.to_owned()));
    }

    /// Goes on with the sync.
    pub fn sync(&mut self) -> String {
        match self.till.sync() {
            SyncStep::Fetch(files) => json!({"fetch": files}),
            SyncStep::Ended { changed, failed, words } => json!({"changed": changed, "failed": failed, "words": words}),
        }
        .to_string()
    }

    /// What a code's bytes come to: answer, code, and by which rules it gives what it gives.
    pub fn judge(&self, payload: &[u8], now: f64) -> String {
        let verdict = self.till.judge(payload, seconds(now));
        let benefits: Vec<String> = match &verdict {
            Verdict::Valid(pass) => pass.benefits(&self.till.venue()).into_iter().map(|benefit| benefit.rule).collect(),
            _ => Vec::new(),
        };
        json!({
            "answer": verdict.answer().map_or("not-a-pass", |answer| answer.as_str()),
            "code": verdict.code().map(|code| code.as_str()),
            "benefits": benefits,
        })
        .to_string()
    }

    /// A frame: eight bits of luma a pixel, rows of `stride` bytes.
    pub fn frame(&mut self, luma: &[u8], width: usize, height: usize, stride: usize, steady: f64, now: f64) -> String {
        let Some(frame) = packed(luma, width, height, stride) else {
            // Not at once again.
            return outcome(&Outcome { pause: 200, ..Outcome::default() });
        };
        outcome(&self.till.frame(&frame, || None, moment(steady, now)))
    }

    /// A picture of red, green, blue and alpha.
    pub fn picture(&mut self, rgba: &[u8], width: usize, height: usize, steady: f64, now: f64) -> String {
        let at = moment(steady, now);
        outcome(&match LumaFrame::new(width, height, rgba.chunks_exact(4).map(grey).collect()) {
            Some(frame) => self.till.picture(&frame, || colours(rgba, width, height).into_iter().flatten(), at),
            None => self.till.no_picture(at),
        })
    }

    /// A frame of red, green, blue and alpha. Where it shows no code, its colours are looked at if asked for.
    #[wasm_bindgen(js_name = rgbaFrame)]
    pub fn rgba_frame(
        &mut self,
        rgba: &[u8],
        width: usize,
        height: usize,
        in_colour: bool,
        steady: f64,
        now: f64,
    ) -> String {
        let at = moment(steady, now);
        let Some(frame) = LumaFrame::new(width, height, rgba.chunks_exact(4).map(grey).collect()) else {
            return outcome(&self.till.no_picture(at));
        };
        let colours = || if in_colour { colours(rgba, width, height) } else { None };
        outcome(&self.till.frame(&frame, colours, at))
    }

    /// What was chosen is no picture.
    #[wasm_bindgen(js_name = noPicture)]
    pub fn no_picture(&mut self, steady: f64, now: f64) -> String {
        outcome(&self.till.no_picture(moment(steady, now)))
    }

    /// What was chosen has more pixels than are unpacked.
    #[wasm_bindgen(js_name = pictureTooLarge)]
    pub fn picture_too_large(&mut self, steady: f64, now: f64) -> String {
        outcome(&self.till.picture_too_large(moment(steady, now)))
    }

    /// A text that was pasted.
    pub fn pasted(&mut self, text: &str, steady: f64, now: f64) -> String {
        outcome(&self.till.pasted(text, moment(steady, now)))
    }

    /// A key outside of every field, as `KeyboardEvent.key` names it; `combined` says that Control, Alt or Meta is held.
    pub fn key(&mut self, key: &str, combined: bool, repeat: bool, steady: f64, now: f64) -> String {
        let press = match key {
            "Shift" | "CapsLock" | "AltGraph" | "Control" | "Alt" | "Meta" => Press::Modifier,
            _ if combined => Press::Other,
            "Enter" => Press::Enter,
            "Tab" => Press::Tab,
            "Dead" => Press::Text(""),
            // Names of keys have several letters, and what they type one.
            _ if key.chars().count() > 1 && key.is_ascii() => Press::Other,
            text => Press::Text(text),
        };
        outcome(&self.till.key(press, repeat, moment(steady, now)))
    }

    /// Something else happens, by its name.
    pub fn touch(&mut self, what: &str, steady: f64, now: f64) -> String {
        let touch = match what {
            "dismiss" => Touch::Dismiss,
            "mismatch" => Touch::Mismatch,
            "undo" => Touch::UndoMismatch,
            "press" => Touch::Press,
            "release" => Touch::Release,
            "show" => Touch::Show,
            "hide" => Touch::Hide,
            "camera-on" => Touch::CameraOn,
            "camera-off" => Touch::CameraOff,
            _ => Touch::Tick,
        };
        outcome(&self.till.happened(touch, moment(steady, now)))
    }

    /// What passes are judged by has changed.
    pub fn rejudge(&mut self, steady: f64, now: f64) -> String {
        outcome(&self.till.rejudge(moment(steady, now)))
    }

    /// What to show.
    pub fn screen(&mut self, steady: f64, now: f64) -> String {
        let offset = self.offset.clone();
        let local = move |at: UnixTime, with_time: bool| local(&offset, at, with_time);
        let screen = self.till.screen(moment(steady, now), &local);
        serde_json::to_string(&screen).unwrap_or_default()
    }

    /// The holder's photo of the answer on the screen, encoded.
    pub fn photo(&mut self, steady: f64) -> Option<Vec<u8>> {
        self.till.photo(steady as u64).map(|photo| photo.bytes)
    }
}

/// The texts of the page.
#[wasm_bindgen]
pub fn labels(language: &str) -> String {
    serde_json::to_string(&crate::labels(Language::of_tag(language).unwrap_or_default())).unwrap_or_default()
}

/// Every type of place.
#[wasm_bindgen(js_name = knownSites)]
pub fn known_sites() -> String {
    VenueKind::KNOWN.join(" ")
}

fn outcome(outcome: &Outcome) -> String {
    // The page offers an empty text, too, and is told that it is none.
    let root = match &outcome.root {
        RootSeen::Nothing => None,
        RootSeen::NoneInPicture => Some("".into()),
        RootSeen::Code(bytes) => Some(String::from_utf8_lossy(bytes)),
    };
    let value: Value = json!({
        "announced": outcome.announced,
        "notes": outcome.notes,
        "pause": outcome.pause,
        "deadline": outcome.deadline,
        "root": root,
    });
    value.to_string()
}

fn colours(rgba: &[u8], width: usize, height: usize) -> Option<[LumaFrame; 2]> {
    let pixels = rgba.as_chunks::<4>().0.iter().map(|[red, green, blue, _]| [*red, *green, *blue]);
    LumaFrame::of_colours(width, height, pixels)
}

fn packed(luma: &[u8], width: usize, height: usize, stride: usize) -> Option<LumaFrame> {
    if stride == width {
        return LumaFrame::new(width, height, luma.get(..width.checked_mul(height)?)?.to_vec());
    }
    let rows = luma.chunks(stride.max(1)).take(height).filter_map(|row| row.get(..width));
    LumaFrame::new(width, height, rows.flatten().copied().collect())
}

/// ITU-R BT.601 §2.5.1, in 256ths.
fn grey(pixel: &[u8]) -> u8 {
    let [red, green, blue, ..] = pixel else { return u8::MAX };
    let sum = 77 * u32::from(*red) + 150 * u32::from(*green) + 29 * u32::from(*blue);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

fn moment(steady: f64, now: f64) -> Moment {
    // Both are counts from JavaScript, far below what a double holds exactly.
    Moment { steady: steady as u64, now: seconds(now) }
}

fn seconds(now: f64) -> UnixTime {
    UnixTime::new(now as u64).unwrap_or(UnixTime::MAX)
}

fn local(offset: &Function, at: UnixTime, with_time: bool) -> String {
    let minutes =
        offset.call1(&js_sys::global(), &(at.seconds() as f64).into()).ok().and_then(|minutes| minutes.as_f64());
    let zone = minutes.and_then(|minutes| FixedOffset::east_opt(minutes as i32 * 60));
    let time = i64::try_from(at.seconds()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let (Some(zone), Some(time)) = (zone, time) else { return at.to_string() };
    time.with_timezone(&zone).format(if with_time { "%d.%m.%Y %H:%M" } else { "%d.%m.%Y" }).to_string()
}
