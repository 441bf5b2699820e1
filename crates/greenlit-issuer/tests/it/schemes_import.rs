//! Promise: whatever form others publish their keys in, what is taken of them are the keys that their passes are signed by,
//! and what is not is told with its reason.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use greenlit_core::scheme::{Algorithm, Scheme};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{KeyListBody, limits};
use greenlit_issuer::schemes::{
    Draft, FormError, ImportError, KeyFault, KeyIdSetting, Kind, Request, SchemesError, Why, import, source,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair, PublicKeyData,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The repository's vectors of this scheme.
pub(crate) fn vectors(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/foreign").join(name)
}

/// The certificates of the EU's test data, without those that stand there twice.
pub(crate) fn certificates() -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(vectors("hcert/cases.jsonl")).unwrap();
    let certificate = |line: &str| {
        let case: Value = serde_json::from_str(line).unwrap();
        STANDARD.decode(case["certificate"].as_str().unwrap()).unwrap()
    };
    let all: std::collections::BTreeSet<_> = text.lines().map(certificate).collect();
    all.into_iter().collect()
}

pub(crate) fn now() -> UnixTime {
    UnixTime::parse_rfc3339("2021-05-01T00:00:00Z").unwrap()
}

fn kid(der: &[u8]) -> Vec<u8> {
    Sha256::digest(der)[..8].to_vec()
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Imports one file of these bytes.
    fn of(&self, scheme: Scheme, bytes: impl AsRef<[u8]>) -> Result<Draft, ImportError> {
        import(&Request { files: &[self.file("keys", bytes)], ..request(scheme) })
    }
}

fn request(scheme: Scheme) -> Request<'static> {
    Request {
        scheme,
        files: &[],
        revoked: &[],
        issuer: None,
        names: &[],
        key_id: None,
        expired: false,
        replaces: None,
        now: now(),
    }
}

/// Why the only thing that was left out was.
fn why(draft: Draft) -> Why {
    assert_eq!((draft.body.keys.len(), draft.left_out.len()), (0, 1), "{draft:#?}");
    draft.left_out.into_iter().next().unwrap().why
}

#[test]
fn certificates_of_the_eu_come_to_the_same_list_in_every_form() {
    let (desk, certificates) = (Desk::new(), certificates());
    for (at, der) in certificates.iter().enumerate() {
        desk.file(&format!("folder/{at:03}.der"), der);
    }
    desk.file("folder/.hidden", "no");
    desk.file("folder/readme.txt", "These are certificates.");
    let pem = |der: &Vec<u8>| {
        let body = STANDARD.encode(der);
        let lines: Vec<_> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!(
            "subject: somebody\r\n-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\r\n",
            lines.join("\r\n")
        )
    };
    let pem: String = certificates.iter().map(pem).collect();
    let list: Vec<Value> = certificates
        .iter()
        .map(|der| json!({"certificateType": "DSC", "kid": STANDARD.encode(kid(der)), "rawData": STANDARD.encode(der)}))
        .collect();
    let signed = format!("{}\n{}", STANDARD.encode([7; 64]), json!({ "certificates": list }));
    let of = |files: &[PathBuf]| import(&Request { files, ..request(Scheme::Hcert) }).unwrap();
    let folder = of(&[desk.0.path().join("folder")]);
    assert!(folder.left_out.iter().any(|one| one.what == "readme.txt"));
    assert!(folder.body.keys.len() >= 25, "{}", folder.body.keys.len());
    // The others are on a curve that the scheme does not have, or have run out.
    let taken = folder.body.keys.len() + folder.left_out.len() - 1;
    assert_eq!(taken, certificates.len(), "{:#?}", folder.left_out);
    let wrong_curve = Why::Key(KeyFault::WrongKind { kind: Kind::P384, scheme: Scheme::Hcert });
    assert!(folder.left_out.iter().any(|one| one.why == wrong_curve), "{:#?}", folder.left_out);
    for key in &folder.body.keys {
        let der = certificates.iter().find(|der| key.key_id == Some(kid(der))).expect("a certificate of this name");
        assert!(matches!(key.algorithm, Algorithm::Es256 | Algorithm::Ps256));
        assert!(key.from < key.until && key.until > Some(now()), "{key:?}");
        assert_eq!(key.issuer.len(), 2, "{key:?}");
        assert!(!der.is_empty());
    }
    for files in [
        vec![desk.file("all.pem", &pem)],
        vec![desk.file("list.json", json!(list).to_string())],
        vec![desk.file("de", &signed)],
    ] {
        let mut other = of(&files);
        let by_id = |body: &mut KeyListBody| body.keys.sort_by_key(|key| key.key_id.clone());
        let mut wanted = folder.body.clone();
        by_id(&mut wanted);
        by_id(&mut other.body);
        assert_eq!(other.body, wanted, "{files:?}");
    }
    // Those that have run out are taken if somebody says so.
    let late = UnixTime::parse_rfc3339("2090-01-01T00:00:00Z").unwrap();
    let files = [desk.0.path().join("all.pem")];
    let none = import(&Request { files: &files, now: late, ..request(Scheme::Hcert) }).unwrap();
    assert!(none.body.keys.is_empty() && none.left_out.iter().any(|one| matches!(one.why, Why::Expired(_))));
    let all = import(&Request { files: &files, now: late, expired: true, ..request(Scheme::Hcert) }).unwrap();
    assert!(all.body.keys.len() >= folder.body.keys.len());
}

#[test]
fn a_health_certificates_key_is_limited_to_what_its_certificate_is_for() {
    let desk = Desk::new();
    for arc in [&[1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2][..], &[1, 3, 6, 1, 4, 1, 0, 1847, 2021, 1, 2]] {
        let key = KeyPair::generate().unwrap();
        let mut params = params("DE", "DSC 7", None);
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::Other(arc.to_vec())];
        let certificate = params.self_signed(&key).unwrap();
        let keys = desk.of(Scheme::Hcert, certificate.der()).unwrap().body.keys;
        assert_eq!((keys[0].kinds.as_slice(), keys[0].issuer.as_str()), (&["vaccination".to_owned()][..], "DE"));
        // A list that says less bounds it further.
        let other = json!({"eu_keys": {"AAAAAAAAAAA=": [{
            "subjectPk": STANDARD.encode(certificate.der()), "keyUsage": ["t"]
        }]}});
        assert!(matches!(why(desk.of(Scheme::Hcert, other.to_string()).unwrap()), Why::OtherUse(_)));
    }
    // A limit that cannot be read is not taken for none.
    let mut broken = params("DE", "DSC 8", None);
    broken.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 37], vec![0x30, 0x03, 0x01])];
    let certificate = broken.self_signed(&KeyPair::generate().unwrap()).unwrap();
    assert!(matches!(
        desk.of(Scheme::Hcert, certificate.der()),
        Err(ImportError::Form { error: FormError::Unknown, .. })
    ));
}

#[test]
fn keys_by_their_identifiers_are_taken_with_what_they_are_limited_to() {
    let (desk, key) = (Desk::new(), KeyPair::generate().unwrap());
    let spki = STANDARD.encode(key.subject_public_key_info());
    let name = STANDARD.encode([1, 2, 3, 4, 5, 6, 7, 8]);
    let plain = json!({ (name.as_str()): spki }).to_string();
    assert_eq!(why(desk.of(Scheme::Hcert, &plain).unwrap()), Why::NoIssuer);
    let with_issuer = |text: &str| {
        let files = [desk.file("keys", text)];
        import(&Request { files: &files, issuer: Some("NL"), ..request(Scheme::Hcert) }).unwrap().body.keys
    };
    let keys = with_issuer(&plain);
    assert_eq!(keys[0].key_id.as_deref(), Some(&[1, 2, 3, 4, 5, 6, 7, 8][..]));
    assert_eq!((keys[0].algorithm, keys[0].kinds.len(), keys[0].until), (Algorithm::Es256, 0, None));
    let limited = json!({"eu_keys": {(name.as_str()): [{"subjectPk": spki, "keyUsage": ["v", "r"]}]}}).to_string();
    assert_eq!(with_issuer(&limited)[0].kinds, ["vaccination", "recovery"]);
}

#[test]
fn the_whos_keys_are_taken_with_a_zero_before_their_coordinates() {
    let (desk, key) = (Desk::new(), KeyPair::generate().unwrap());
    let point = key.public_key_raw();
    let (x, y) = (&point[1..33], &point[33..]);
    let did = "did:web:tng-cdn.who.int:v2:trustlist:-:EST:DSC";
    let method = |zero: &[u8], kid: &str, did: &str| {
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode([zero, bytes].concat());
        json!({"id": format!("{did}#{}", kid.replace('+', "%2B")), "type": "JsonWebKey2020", "controller": did,
            "publicKeyJwk": {"kty": "EC", "crv": "P-256", "x": number(x), "y": number(y)}})
    };
    let kid = "AfvsDsX+0aE=";
    let document = |methods: Vec<Value>| json!({"id": did, "verificationMethod": methods}).to_string();
    for zero in [&[][..], &[0]] {
        let draft = desk.of(Scheme::Hcert, document(vec![method(zero, kid, did)])).unwrap();
        let key = &draft.body.keys[0];
        assert_eq!((key.key.as_slice(), key.issuer.as_str()), (point, "EST"));
        assert_eq!(key.key_id, Some(STANDARD.decode(kid).unwrap()));
    }
    let two_zeros = why(desk.of(Scheme::Hcert, document(vec![method(&[0, 0], kid, did)])).unwrap());
    assert!(matches!(two_zeros, Why::Key(KeyFault::Coordinate { name: "x", found: 34, wanted: 32 })), "{two_zeros}");
    let authority = "did:web:tng-cdn.who.int:v2:trustlist:-:EST:SCA";
    assert_eq!(why(desk.of(Scheme::Hcert, document(vec![method(&[], kid, authority)])).unwrap()), Why::Authority);
    let elsewhere = document(vec![json!(format!("{did}#{kid}"))]);
    assert_eq!(why(desk.of(Scheme::Hcert, elsewhere).unwrap()), Why::Elsewhere);
    let mut off_curve = method(&[], kid, did);
    off_curve["publicKeyJwk"]["y"] = json!(URL_SAFE_NO_PAD.encode(x));
    let off_curve = why(desk.of(Scheme::Hcert, document(vec![off_curve])).unwrap());
    assert!(matches!(off_curve, Why::Key(KeyFault::Key(_))), "{off_curve}");
}

#[test]
fn keys_that_share_an_identifier_are_all_taken_and_one_that_comes_twice_is_taken_once() {
    let desk = Desk::new();
    let [one, another] = [(); 2].map(|()| STANDARD.encode(KeyPair::generate().unwrap().subject_public_key_info()));
    let name = STANDARD.encode([9; 8]);
    let list = |keys: &[&String]| {
        let keys: Vec<Value> = keys.iter().map(|key| json!({ "subjectPk": key })).collect();
        let files = [desk.file("keys", json!({ (name.as_str()): keys }).to_string())];
        import(&Request { files: &files, issuer: Some("NL"), ..request(Scheme::Hcert) }).unwrap()
    };
    let both = list(&[&one, &another]);
    assert_eq!((both.body.keys.len(), both.shared_ids, both.left_out.len()), (2, 1, 0));
    let twice = list(&[&one, &one]);
    assert_eq!((twice.body.keys.len(), twice.shared_ids), (1, 0));
    assert!(matches!(twice.left_out[0].why, Why::Same(_)));
}

#[test]
fn pretixs_keys_are_taken_as_it_gives_them_out_and_tickets_are_called_back_by_their_seeds() {
    let desk = Desk::new();
    let all: Value = serde_json::from_slice(&std::fs::read(vectors("pretix/tickets.json")).unwrap()).unwrap();
    let (event, other) = (&all["valid_keys"][0], &all["valid_keys"][1]);
    let forms = [
        event.clone(),
        json!({"slug": "x", "valid_keys": event}),
        json!({"ticket_secrets_pretix_sig1_pubkey": event["pretix_sig1"][0]}),
    ];
    let names = [("en".to_owned(), "Festival".to_owned()), ("ru".to_owned(), "Фестиваль".to_owned())];
    for form in forms {
        let files = [desk.file("keys.json", form.to_string())];
        let draft =
            import(&Request { files: &files, issuer: Some("festival-2026"), names: &names, ..request(Scheme::Pretix) })
                .unwrap();
        assert!(draft.left_out.is_empty(), "{draft:#?}");
        let key = &draft.body.keys[0];
        assert_eq!((key.algorithm, &key.key_id, key.issuer.as_str()), (Algorithm::Ed25519, &None, "festival-2026"));
        assert_eq!(draft.body.issuers[0].1.get("ru"), "Фестиваль");
    }
    let settings = json!({
        "ticket_secrets_pretix_sig1_pubkey": event["pretix_sig1"][0], "ticket_secrets_pretix_sig1_privkey": "c2VjcmV0"
    });
    let private = desk.of(Scheme::Pretix, settings.to_string());
    assert!(matches!(private, Err(ImportError::Form { error: FormError::PrivateKey, .. })), "{private:?}");
    // The event's own object says whose they are.
    let own = json!({"slug": "democon", "name": {"en": "Demo", "de-informal": "Demo"}, "valid_keys": event});
    let own = desk.of(Scheme::Pretix, own.to_string()).unwrap();
    assert_eq!(own.body.issuers[0].0, "democon");
    assert_eq!(
        why(desk.of(Scheme::Pretix, json!({"pretix_sig1": [event["pretix_sig1"][0]]}).to_string()).unwrap()),
        Why::NoIssuer
    );

    // The next list of that issuer need not say again whose it is and what staff call them.
    let files = [desk.file("keys.json", event.to_string())];
    let first = Request { files: &files, issuer: Some("festival-2026"), names: &names, ..request(Scheme::Pretix) };
    let first = import(&first).unwrap().body;
    let again = import(&Request { files: &files, replaces: Some(&first), ..request(Scheme::Pretix) }).unwrap();
    assert_eq!(again.body, first);
    let renamed = [("en".to_owned(), "Summer".to_owned())];
    let renamed =
        import(&Request { files: &files, replaces: Some(&first), names: &renamed, ..request(Scheme::Pretix) });
    assert_eq!(renamed.unwrap().body.issuers[0].1.get("ru"), "Summer");

    // Called back: two tickets by their texts, one seed; another event's is told.
    let text = |at: usize| all["tickets"][at]["text"].as_str().unwrap().to_owned();
    let (good, altered) = (text(0), text(2));
    let revoked = |keys: &Value, tickets: String| {
        let (files, lists) = ([desk.file("keys.json", keys.to_string())], [desk.file("revoked", tickets)]);
        import(&Request { files: &files, revoked: &lists, issuer: Some("f"), ..request(Scheme::Pretix) }).unwrap()
    };
    let rows =
        json!({"count": 2, "results": [{"id": 1, "secret": good}, {"id": 2, "secret": "seed-of-one"}]}).to_string();
    for tickets in [rows, json!([good, "seed-of-one"]).to_string(), format!("{good}\n\nseed-of-one\r\n{good}\n")] {
        let draft = revoked(event, tickets);
        assert_eq!((draft.body.revoked.len(), draft.left_out.len()), (2, 0), "{draft:#?}");
        assert!(draft.body.revoked.contains(&b"seed-of-one".to_vec()));
    }
    let strange = revoked(event, format!("{altered}\n{}\n\u{1}PNG\ntwo words", "x".repeat(65)));
    let whys: Vec<_> = strange.left_out.iter().map(|one| one.why.clone()).collect();
    assert_eq!(whys, [Why::OtherEvent, Why::NotATicket, Why::NotATicket, Why::NotATicket]);
    assert!(strange.body.revoked.is_empty());
    assert_eq!(revoked(other, good).left_out[0].why, Why::OtherEvent);
    let files = [vectors("aadhaar/testCertificate.pem")];
    let none = import(&Request { files: &files, revoked: &files, ..request(Scheme::Aadhaar) });
    assert!(matches!(none, Err(ImportError::NoRevocation(Scheme::Aadhaar))));
}

#[test]
fn uidais_certificates_give_keys_without_a_name_and_with_their_time() {
    let files = ["uidai_prod_cdup.cer", "testCertificate.pem"].map(|name| vectors("aadhaar").join(name));
    let draft = import(&Request { files: &files, ..request(Scheme::Aadhaar) }).unwrap();
    let keys = &draft.body.keys;
    assert!(draft.left_out.is_empty() && keys.len() == 2, "{draft:#?}");
    assert!(keys.iter().all(|key| key.algorithm == Algorithm::Rs256 && key.key_id.is_none() && key.issuer == "UIDAI"));
    let time = |text| UnixTime::parse_rfc3339(text).ok();
    // The last second of a certificate is part of it.
    assert_eq!((keys[0].from, keys[0].until), (time("2017-06-08T10:46:26Z"), time("2020-06-07T10:46:27Z")));
}

#[test]
fn keys_of_claim_169_are_taken_as_jwk_cose_key_and_pem() {
    let desk = Desk::new();
    let vector: Value =
        serde_json::from_slice(&std::fs::read(vectors("claim169/valid/ed25519-signed.json")).unwrap()).unwrap();
    let public = hex(vector["signing_key"]["public_key_hex"].as_str().unwrap());
    let jwk =
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "key-1", "use": "sig", "x": URL_SAFE_NO_PAD.encode(&public)});
    // {1: 1, 2: 'key-1', -1: 6, -2: x}
    let mut cose = vec![0xa4, 0x01, 0x01, 0x02, 0x45];
    cose.extend(b"key-1");
    cose.extend([0x20, 0x06, 0x21, 0x58, 0x20]);
    cose.extend(&public);
    let several = [&[0x82], cose.as_slice(), &cose].concat();
    let spki = [&hex("302a300506032b6570032100"), public.as_slice()].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki));
    let forms: [(Vec<u8>, Option<&str>); 5] = [
        (jwk.to_string().into(), None),
        (json!({ "keys": [jwk] }).to_string().into(), None),
        (cose.clone(), None),
        (several, None),
        (pem.clone().into(), Some("key-1")),
    ];
    for (bytes, key_id) in forms {
        let key_id: Option<KeyIdSetting> = key_id.map(|text| text.parse().unwrap());
        let files = [desk.file("key", bytes)];
        // A set in which one stands twice has it once.
        let draft = import(&Request {
            files: &files,
            issuer: Some("XX"),
            key_id: key_id.as_ref(),
            ..request(Scheme::Claim169)
        })
        .unwrap();
        let [key] = draft.body.keys.as_slice() else { panic!("{draft:#?}") };
        assert_eq!((key.algorithm, key.key.as_slice()), (Algorithm::Ed25519, public.as_slice()));
        assert_eq!(key.key_id.as_deref(), Some(&b"key-1"[..]));
    }
    // A name may be none, for several keys too; of one name there is a single key.
    let none: KeyIdSetting = "none".parse().unwrap();
    let files = [desk.file("key", jwk.to_string())];
    let named = Request { files: &files, issuer: Some("XX"), key_id: Some(&none), ..request(Scheme::Claim169) };
    assert_eq!(import(&named).unwrap().body.keys[0].key_id, None);
    let files = [desk.file("keys", json!([jwk, jwk]).to_string())];
    let nameless = import(&Request { files: &files, ..named }).unwrap();
    assert_eq!((nameless.body.keys.len(), nameless.left_out.len()), (1, 1), "none of several has one");
    let name: KeyIdSetting = "key-1".parse().unwrap();
    let one_name = Request { files: &files, key_id: Some(&name), ..named };
    assert!(matches!(import(&one_name), Err(ImportError::KeyIdOfSeveral(2))));
    let mut private = jwk;
    private["d"] = json!("AAAA");
    assert_eq!(why(desk.of(Scheme::Claim169, private.to_string()).unwrap()), Why::PrivateKey);
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn params(country: &str, name: &str, organisation: Option<&str>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, country);
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(organisation) = organisation {
        params.distinguished_name.push(DnType::OrganizationName, organisation);
    }
    params
}

/// A trusted list of one service each.
fn trusted_list(services: &[(&[u8], &str)]) -> String {
    let service = |(der, status): &(&[u8], &str)| {
        format!(
            "<TSPService><ServiceInformation><ServiceName><Name xml:lang=\"fr\">AC <b>2D-Doc</b></Name></ServiceName>\
             <ServiceDigitalIdentity><DigitalId><X509Certificate>\n{}\n</X509Certificate></DigitalId></ServiceDigitalIdentity>\
             <ServiceStatus>http://uri.etsi.org/TrstSvc/Svcstatus/{status}</ServiceStatus>\
             <StatusStartingTime>2020-01-02T03:04:05Z</StatusStartingTime></ServiceInformation></TSPService>",
            STANDARD.encode(der)
        )
    };
    let services: String = services.iter().map(service).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tsl:TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\" \
         xmlns:tsl=\"http://uri.etsi.org/02231/v2#\"><TrustServiceProviderList><TrustServiceProvider><TSPServices>{services}\
         </TSPServices></TrustServiceProvider></TrustServiceProviderList></tsl:TrustServiceStatusList>"
    )
}

#[test]
fn certificates_of_2d_doc_are_named_by_their_authority_and_held_to_the_trusted_list() {
    let desk = Desk::new();
    let authority = |name: &str| {
        let mut params = params("FR", name, Some("AC"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let (ca, ended, impostor) = (authority("FR01"), authority("FR02"), authority("FR01"));
    let leaf = |name: &str, of: &CertifiedIssuer<'_, KeyPair>| {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let leaf = params("FR", name, Some("CNOUS")).signed_by(&key, of).unwrap();
        leaf.der().to_vec()
    };
    let list = desk.file("tsl.xml", trusted_list(&[(ca.der(), "granted"), (ended.der(), "withdrawn")]));
    let (good, late, strange, forged) =
        (leaf("0001", &ca), leaf("0002", &ended), leaf("0003", &authority("FR09")), leaf("0004", &impostor));
    let files = [
        list.clone(),
        desk.file("1.der", &good),
        desk.file("2.der", &late),
        desk.file("3.der", &strange),
        desk.file("4.der", &forged),
        desk.file("5.der", ca.der()),
    ];
    let draft = import(&Request { files: &files, ..request(Scheme::TwoDDoc) }).unwrap();
    let whys: Vec<_> = draft.left_out.iter().map(|one| one.why.clone()).collect();
    assert_eq!(whys, [Why::UnknownAuthority("FR09".into()), Why::NotSigned("FR01".into()), Why::Authority]);
    let [one, two] = draft.body.keys.as_slice() else { panic!("{draft:#?}") };
    assert_eq!((one.key_id.as_deref(), one.algorithm), (Some(&b"FR010001"[..]), Algorithm::Es384));
    assert_eq!((one.issuer.as_str(), one.revoked_at), ("CNOUS", None));
    assert_eq!(
        (two.key_id.as_deref(), two.revoked_at),
        (Some(&b"FR020002"[..]), UnixTime::parse_rfc3339("2020-01-02T03:04:05Z").ok())
    );
    // Without the list there is nothing to hold them to.
    let alone = import(&Request { files: &files[3..4], ..request(Scheme::TwoDDoc) }).unwrap();
    assert_eq!(alone.body.keys[0].key_id.as_deref(), Some(&b"FR090003"[..]));
    // Names that are no authority's and certificate's give no name of a key.
    let unnamed = desk.of(Scheme::TwoDDoc, leaf("long name", &ca)).unwrap();
    assert_eq!(why(unnamed), Why::NoKeyId);
    assert!(matches!(
        desk.of(Scheme::Hcert, std::fs::read(&list).unwrap()),
        Err(ImportError::Form { error: FormError::OtherScheme { meant: Scheme::TwoDDoc, .. }, .. })
    ));
}

#[test]
fn what_is_no_key_is_refused_and_nothing_panics() {
    let desk = Desk::new();
    let form = |scheme, bytes: &[u8]| match desk.of(scheme, bytes) {
        Err(ImportError::Form { error, .. }) => error,
        other => panic!("{other:?}"),
    };
    for unknown in ["", " ", "hello", "[]", "{}", "{\"keys\": {}}", "<html></html>", "0", "[1]", "{\"a\": 1}"] {
        assert_eq!(form(Scheme::Hcert, unknown.as_bytes()), FormError::Unknown, "{unknown}");
    }
    assert!(matches!(form(Scheme::Hcert, b"{\"a\": "), FormError::Json(_)));
    assert!(matches!(form(Scheme::TwoDDoc, b"<a><b></a>"), FormError::Xml(_)));
    let entities = "<!DOCTYPE a [<!ENTITY b \"c\">]><TrustServiceStatusList>&b;</TrustServiceStatusList>";
    assert!(matches!(form(Scheme::TwoDDoc, entities.as_bytes()), FormError::Xml(_)));
    assert!(matches!(form(Scheme::Claim169, &[0xa1, 0x01]), FormError::Cose(_)));
    let private = KeyPair::generate().unwrap().serialize_pem();
    assert_eq!(form(Scheme::Claim169, private.as_bytes()), FormError::PrivateKey);
    assert!(matches!(form(Scheme::Hcert, b"{\"pretix_sig1\": []}"), FormError::OtherScheme { .. }));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(matches!(form(Scheme::Hcert, deep.as_bytes()), FormError::Json(_)));
    // Any byte of a certificate may be wrong.
    let der = certificates().remove(0);
    for at in 0..der.len() {
        let mut wrong = der.clone();
        wrong[at] ^= 0xff;
        let _whatever = desk.of(Scheme::Hcert, &wrong);
    }
    assert!(matches!(desk.of(Scheme::Hcert, vec![b'x'; (16 << 20) + 1]), Err(ImportError::File(_))));
}

#[test]
fn a_list_is_held_to_what_tills_take() {
    let empty = KeyListBody { scheme: Scheme::Hcert, issuers: Vec::new(), keys: Vec::new(), revoked: Vec::new() };
    let ages = greenlit_issuer::schemes::Ages::of(Scheme::Hcert);
    assert!(matches!(source(1, empty, now(), ages), Err(SchemesError::NoKeys)));
    // More keys than a list may have.
    let desk = Desk::new();
    let point = KeyPair::generate().unwrap();
    let mut keys = serde_json::Map::new();
    for at in 0..=limits::MAX_LISTED_KEYS {
        let name = STANDARD.encode((at as u64).to_be_bytes());
        keys.insert(name, json!(STANDARD.encode(point.subject_public_key_info())));
    }
    let files = [desk.file("many", Value::Object(keys).to_string())];
    let many = import(&Request { files: &files, issuer: Some("NL"), ..request(Scheme::Hcert) });
    assert!(matches!(many, Err(ImportError::TooMany { what: "keys", .. })), "{many:?}");
}
