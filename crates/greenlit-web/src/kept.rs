//! What a page keeps between starts, as one value, so that it is replaced whole: the documents as they were received, what
//! none may fall behind, and the latest time that was noted. It proves nothing: every document is opened again.

use std::collections::BTreeMap;

use greenlit_core::cbor::{Malformed, Reader, Writer};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Documents, RollbackFloor, TrustState, limits};

const FORM: u64 = 1;
/// Most roots: the anchor and every step since.
const MAX_ROOTS: usize = 1_000;

/// Why what was kept is not taken: as if nothing had been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum KeptError {
    #[error("what was kept {0}")]
    Malformed(#[from] Malformed),
    #[error("what was kept is of form {0}, of a later version")]
    Later(u64),
}

pub(crate) fn write(trust: &TrustState) -> Vec<u8> {
    let (documents, floor) = (trust.documents(), trust.rollback_floor());
    let mut w = Writer::new();
    w.array(4).uint(FORM);
    w.array(5).array(documents.roots.len());
    for root in &documents.roots {
        w.bytes(root);
    }
    w.bytes(documents.bundle.as_deref().unwrap_or_default());
    write_files(&documents.lists, &mut w);
    w.bytes(documents.scheme_bundle.as_deref().unwrap_or_default());
    write_files(&documents.key_lists, &mut w);
    w.array(5).uint(floor.root).uint(counted(floor.bundle)).uint(counted(floor.scheme_bundle));
    w.uint(floor.floor.map_or(0, UnixTime::seconds)).array(floor.lists.len());
    for (id, at) in &floor.lists {
        w.array(2).uint(*id).uint(at.seconds());
    }
    w.uint(trust.latest().map_or(0, UnixTime::seconds));
    w.into_bytes()
}

fn write_files(files: &BTreeMap<u64, Vec<u8>>, w: &mut Writer) {
    w.array(files.len());
    for (id, bytes) in files {
        w.array(2).uint(*id).bytes(bytes);
    }
}

/// None is 0, and every version one more.
fn counted(version: Option<u64>) -> u64 {
    version.map_or(0, |version| version.saturating_add(1))
}

pub(crate) fn read(bytes: &[u8], build_date: UnixTime) -> Result<TrustState, KeptError> {
    let mut reader = Reader::new(bytes);
    reader.array_of(4, "what was kept")?;
    match reader.uint().map_err(Malformed::from)? {
        FORM => {}
        later => return Err(KeptError::Later(later)),
    }
    reader.array_of(5, "documents")?;
    let documents = Documents {
        roots: reader.list("roots", MAX_ROOTS, |r| r.bytes().map(<[u8]>::to_vec).map_err(Malformed::from))?,
        bundle: present(&mut reader)?,
        lists: files(&mut reader, limits::MAX_LISTS)?,
        scheme_bundle: present(&mut reader)?,
        key_lists: files(&mut reader, limits::MAX_KEY_LISTS)?,
    };
    reader.array_of(5, "floor")?;
    let number = |reader: &mut Reader<'_>| reader.uint().map_err(Malformed::from);
    let floor = RollbackFloor {
        root: number(&mut reader)?,
        bundle: number(&mut reader)?.checked_sub(1),
        scheme_bundle: number(&mut reader)?.checked_sub(1),
        floor: moment(number(&mut reader)?),
        lists: reader
            .list("lists", limits::MAX_LISTS, |r| {
                r.array_of(2, "list")?;
                Ok::<_, Malformed>((r.uint()?, r.uint()?))
            })?
            .into_iter()
            .filter_map(|(id, at)| Some((id, moment(at)?)))
            .collect(),
    };
    let latest = moment(number(&mut reader)?);
    reader.finish().map_err(Malformed::from)?;
    let (mut trust, _dropped) = TrustState::restore(&documents, &floor, build_date);
    trust.set_latest(latest);
    Ok(trust)
}

fn moment(seconds: u64) -> Option<UnixTime> {
    UnixTime::new(seconds).filter(|at| at.seconds() > 0)
}

fn present(reader: &mut Reader<'_>) -> Result<Option<Vec<u8>>, Malformed> {
    let bytes = reader.bytes()?;
    Ok((!bytes.is_empty()).then(|| bytes.to_vec()))
}

fn files(reader: &mut Reader<'_>, most: usize) -> Result<BTreeMap<u64, Vec<u8>>, Malformed> {
    let all = reader.list("files", most, |r| {
        r.array_of(2, "file")?;
        Ok::<_, Malformed>((r.uint()?, r.bytes()?.to_vec()))
    })?;
    Ok(all.into_iter().collect())
}
