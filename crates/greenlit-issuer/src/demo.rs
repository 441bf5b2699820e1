//! A practice authority in a temporary folder, with a pass of every kind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

use greenlit_core::answer::Code;
use greenlit_core::cbor::Writer;
use greenlit_core::cose::Header;
use greenlit_core::pass::{Class, DocumentKind, Pass, StatusRef};
use greenlit_core::time::UnixTime;
use greenlit_files::demo::{PUBLISHED, SCENES_FILE, Scene};
use greenlit_files::{FileError, IfExists, write_atomic};
use greenlit_qr::encode::{DrawError, QrPicture};

use crate::authority::{Authority, AuthorityError, random};
use crate::init::{self, AuthoritySpec, InitError};
use crate::issue::{Grant, IssueError, Issued, issue_pass};
use crate::keys::{self, KeysError};
use crate::publish::{self, PublishError};
use crate::qr_file::PNG_SCALE;
use crate::register::Role;
use crate::revoke::{self, Action, RevokeError};
use crate::{
    Event, EventError, Holder, HolderError, IggError, Ineligible, Packing, PrivateKey, PrivateKeyError, Validity,
    sign_pass, sign_raw_claims,
};

const DAY: u64 = 24 * 3600;
/// Small, so that a pass beyond its end can be shown.
const LIST_SIZE: u64 = 4_096;
/// How long there has been the authority, in seconds.
const AGE: u64 = 60 * DAY;
/// Marks a folder that a demonstration may empty again.
const MARK: &str = ".greenlit-demo";

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DemoError {
    #[error("{}: not empty and not from an earlier demonstration; nothing was changed", .0.display())]
    NotOurs(PathBuf),
    #[error("the demonstration's own data is invalid: {0}")]
    Wrong(&'static str),
    #[error("the demonstration's own data is invalid: {0}")]
    Scenes(#[from] serde_json::Error),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Init(#[from] InitError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Ineligible(#[from] Ineligible),
    #[error(transparent)]
    Event(#[from] EventError),
    #[error(transparent)]
    Igg(#[from] IggError),
    #[error(transparent)]
    Holder(#[from] HolderError),
    #[error(transparent)]
    Issue(#[from] IssueError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Revoke(#[from] RevokeError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Key(#[from] PrivateKeyError),
    #[error(transparent)]
    Draw(#[from] DrawError),
}

type Result<T> = std::result::Result<T, DemoError>;

/// Makes a practice authority, publishes its data and draws a pass of every kind; gives the number of scenes.
pub fn make(out: &Path, now: UnixTime) -> Result<usize> {
    make_room(out)?;
    let scenes = Stage::build(out, now)?.scenes()?;
    let mut list = Vec::new();
    for (scene, text) in scenes {
        let png = QrPicture::new(&text)?.to_png(PNG_SCALE)?;
        write_atomic(&out.join(&scene.file), &png, 0o644, IfExists::Replace)?;
        list.push(scene);
    }
    let json = serde_json::to_string_pretty(&list)?;
    write_atomic(&out.join(SCENES_FILE), json.as_bytes(), 0o644, IfExists::Replace)?;
    Ok(list.len())
}

fn make_room(out: &Path) -> Result<()> {
    let io = |error| FileError::Io { path: out.into(), error };
    let filled = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if filled {
        if !out.join(MARK).is_file() {
            return Err(DemoError::NotOurs(out.into()));
        }
        std::fs::remove_dir_all(out).map_err(io)?;
    }
    std::fs::create_dir_all(out).map_err(io)?;
    Ok(write_atomic(&out.join(MARK), b"", 0o644, IfExists::Replace)?)
}

/// The authority of the demonstration and what its scenes need.
struct Stage {
    now: UnixTime,
    good: Issued,
    antibodies: Issued,
    specimen: Issued,
    revoked: Issued,
    suspended: Issued,
    stolen: Issued,
    key: PrivateKey,
    foreign: PrivateKey,
    model: Pass,
}

impl Stage {
    fn build(out: &Path, now: UnixTime) -> Result<Self> {
        let folder = out.join("authority");
        let words =
            [("ru", "Демонстрационное ведомство"), ("ba", "Күрһәтмә идаралыҡ"), ("en", "Demonstration authority")];
        let spec = AuthoritySpec {
            name: words
                .map(|(language, name)| (language.to_owned(), name.to_owned()))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            region: "RU-BA".into(),
            roots: 3,
            threshold: 2,
            bundle_keys: 1,
            bundle_threshold: 1,
            time: None,
            // 3 is a class that it may issue and that no rule honours.
            classes: vec![1, 2, 3],
            list_size: LIST_SIZE,
            demo: true,
            passphrase: None,
            second_word_above: None,
            register: None,
        };
        // It has been there for a while: one of its passes has expired by now.
        let founded = now.minus(AGE);
        init::make(&folder, spec, founded)?;
        let mut authority = Authority::open(&folder, &mut |_| ())?;
        let day = authority.zone.day(now).ok_or(DemoError::Wrong("today"))?;
        let (policy, zone) = (authority.rules()?.policy, authority.zone.clone());
        let decide = |ground: &str, day, igg| -> Result<Validity> {
            let ground = policy.ground(ground).ok_or(DemoError::Wrong("a ground of the rules"))?;
            Ok(Event::new(ground, day, igg, None)?.decide(now, &zone)?)
        };
        let year = decide("vaccination", day, None)?;
        let grant = |class, validity| -> Result<Grant> {
            let holder = holder(day)?;
            Ok(Grant { class, validity, holder, whose: None, policy: None, replaces: None })
        };
        let stolen_key = first_issuer_key(&authority)?;
        let stolen = issue_pass(&mut authority, grant(Class::RESIDENT, year)?, now)?;
        keys::revoke(&mut authority, &stolen_key, keys::Urgency::Emergency, now)?;
        let new_key = keys::add(&mut authority, None, founded)?;
        let key = authority.private_key(&new_key)?;
        let mut issue =
            |class, validity| -> Result<Issued> { Ok(issue_pass(&mut authority, grant(class, validity)?, now)?) };
        let good = issue(Class::RESIDENT, year)?;
        let test_day = day.checked_sub_days(Days::new(10)).ok_or(DemoError::Wrong("ten days ago"))?;
        let antibodies = issue(Class::RESIDENT, decide("antibodies", test_day, Some("12.5".parse()?))?)?;
        let specimen = issue(Class::SPECIMEN, year)?;
        let revoked = issue(Class::RESIDENT, year)?;
        let suspended = issue(Class::RESIDENT, year)?;
        let other = issue(Class::RESIDENT, year)?.status;
        revoke::change(&mut authority, revoked.status, Action::Revoke, Some("demonstration"), now)?;
        revoke::change(&mut authority, suspended.status, Action::Suspend, Some("demonstration"), now)?;
        publish::publish(&mut authority, &out.join(PUBLISHED), &[], Packing::Smallest, now)?;
        let model = model(day, year, other)?;
        let foreign = PrivateKey::from_seed(&random()?)?;
        Ok(Self { now, good, antibodies, specimen, revoked, suspended, stolen, key, foreign, model })
    }

    /// Every scene with the text of its code. A picture is named for what a till answers to it now; where the scene
    /// is the till's, after that for how this one is.
    fn scenes(&self) -> Result<Vec<(Scene, String)>> {
        let good = &self.good.text;
        let foreign = sign_pass(&self.model, &self.foreign);
        let signed = |change: fn(&mut Pass)| {
            let mut pass = self.model.clone();
            change(&mut pass);
            sign_pass(&pass, &self.key)
        };
        let beyond_end = signed(|pass| pass.status = pass.status.map(|s| StatusRef { index: LIST_SIZE, ..s }));
        let ten_years = signed(|pass| pass.exp = pass.nbf.plus(3_650 * DAY));
        let unhonoured = signed(|pass| pass.class = Class(3));
        let not_yet = signed(|pass| pass.nbf = pass.nbf.plus(2 * DAY));
        let month = signed(|pass| (pass.nbf, pass.exp) = (pass.nbf.minus(30 * DAY), pass.nbf));
        let mut scenes = vec![
            scene("A good pass after vaccination", "good", Code::Ok, good.clone()),
            scene("A good pass after antibodies", "antibodies", Code::Ok, self.antibodies.text.clone()),
            scene("A 30-day pass on day 31", "expired", Code::Expired, month),
            scene("A pass that starts the day after tomorrow", "not-yet", Code::NotYetValid, not_yet),
            scene("A revoked pass", "revoked", Code::Revoked, self.revoked.text.clone()),
            scene("A suspended pass", "suspended", Code::Suspended, self.suspended.text.clone()),
            scene("A pass of a type not accepted here", "class", Code::ClassNotHonoured, unhonoured),
            scene("A specimen", "specimen", Code::ClassNotHonoured, self.specimen.text.clone()),
            scene("A truncated pass", "cut", Code::Malformed, good.get(..good.len() - 9).unwrap_or_default().into()),
            scene("A pass from an unknown issuer", "unknown-issuer", Code::UnknownIssuer, foreign.clone()),
            scene("A good pass with one character changed", "altered", Code::Signature, altered(good)?),
            scene("A pass signed with a stolen, revoked key", "stolen-key", Code::KeyRevoked, self.stolen.text.clone()),
            scene(
                "A ten-year pass from an issuer not authorised for it",
                "ten-years",
                Code::OutsideIssuerLimits,
                ten_years,
            ),
            scene("A till without trust data", "good-without-trust-data", Code::NoTrust, good.clone()),
            scene("A till that has not synced for 121 days", "good-after-121-days", Code::TrustExpired, good.clone()),
            scene("A till whose clock is an hour behind", "good-with-slow-clock", Code::ClockBehind, good.clone()),
            scene(
                "A till whose revocation list is 100 days old",
                "good-after-100-days",
                Code::ListUnusable,
                good.clone(),
            ),
            scene("A pass beyond the end of our revocation list", "beyond-list", Code::IndexOutOfRange, beyond_end),
            scene(
                "An unknown issuer, and trust data 15 days old",
                "unknown-issuer-after-15-days",
                Code::IssuerUnknownTrustStale,
                foreign,
            ),
            scene("A newer type of pass", "newer", Code::UnknownVersion, good.replacen("GL1:", "GL2:", 1)),
            scene("A pass with a new, unknown field", "new-claim", Code::UnknownVersion, self.with_new_claim()),
        ];
        let moments = [
            ("good-after-121-days", self.now.plus(121 * DAY)),
            ("good-after-100-days", self.now.plus(100 * DAY)),
            ("unknown-issuer-after-15-days", self.now.plus(15 * DAY)),
            ("good-with-slow-clock", self.now.minus(3_600)),
        ];
        for (name, at) in moments {
            set(&mut scenes, name, |scene| scene.at = Some(at.to_string()));
        }
        set(&mut scenes, "good-without-trust-data", |scene| scene.no_trust = true);
        for (title, name, text) in [
            ("A link to the state portal", "gosuslugi", "https://www.gosuslugi.ru/covid-cert/verify/9770000012345678"),
            ("A menu", "menu", "https://cafe.example/menu"),
            ("A Wi-Fi code", "wifi", "WIFI:S:Cafe;T:WPA;P:welcome;;"),
        ] {
            scenes.push((
                Scene {
                    title: title.into(),
                    file: format!("{name}.png"),
                    at: None,
                    no_trust: false,
                    answer: "not-a-pass".into(),
                    code: None,
                },
                text.into(),
            ));
        }
        Ok(scenes)
    }

    fn with_new_claim(&self) -> String {
        let mut claims = self.model.encode();
        // One more pair in the outer map: 6 (iat) sorts between 5 and -65537.
        let mut pair = Writer::new();
        pair.uint(6).time(self.now);
        let mut head = Writer::new();
        head.map(4).uint(4).time(self.model.exp).uint(5).time(self.model.nbf);
        let mut new = head.into_bytes();
        let inner = claims.split_off(new.len());
        new.extend(pair.into_bytes());
        new.extend(inner);
        sign_raw_claims(&Header::encode(self.key.public().id()), &new, &self.key)
    }
}

fn scene(title: &str, name: &str, code: Code, text: String) -> (Scene, String) {
    let scene = Scene {
        title: title.into(),
        file: format!("{name}.png"),
        at: None,
        no_trust: false,
        answer: code.answer().as_str().into(),
        code: Some(code.as_str().into()),
    };
    (scene, text)
}

fn set(scenes: &mut [(Scene, String)], name: &str, change: impl FnOnce(&mut Scene)) {
    if let Some((scene, _)) = scenes.iter_mut().find(|(scene, _)| scene.file == format!("{name}.png")) {
        change(scene);
    }
}

/// The pass with one character near its end changed: still Base45, still well-formed, another signature.
fn altered(text: &str) -> Result<String> {
    let at = text.len() - 10;
    let old = text.get(at..=at).ok_or(DemoError::Wrong("the text of a pass"))?;
    let mut changed = text.to_owned();
    changed.replace_range(at..=at, if old == "A" { "B" } else { "A" });
    Ok(changed)
}

/// Its name.
fn first_issuer_key(authority: &Authority) -> Result<String> {
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let first = records.into_iter().find(|record| record.role == Role::Issuer).ok_or(DemoError::Wrong("issuer key"))?;
    Ok(first.kid().to_string())
}

fn holder(today: NaiveDate) -> Result<Holder> {
    let born = NaiveDate::from_ymd_opt(1984, 5, 9).ok_or(DemoError::Wrong("birthday"))?;
    Ok(Holder::new("Закирова Ильсияр Булатовна", born, DocumentKind::Passport, "80 12 345678", today)?)
}

fn model(today: NaiveDate, validity: Validity, status: StatusRef) -> Result<Pass> {
    let holder = holder(today)?;
    Ok(Pass {
        exp: validity.exp,
        nbf: validity.nbf,
        class: Class::RESIDENT,
        initials: Some(holder.initials),
        birthday: Some(holder.birthday),
        document: Some(holder.document),
        status: Some(status),
    })
}
