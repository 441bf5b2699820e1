//! What a revocation list of four million costs: on the wire, to open, to keep, to look into.
//!
//! Each time stands beside a peer of the same run: the bare inflating of the same bytes, a bare look
//! into an array. `cargo bench -p greenlit-issuer --bench lists -- --write "$PWD/benches/README.md"` writes the table there.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing
)]

use std::fmt::Write;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use flate2::read::ZlibDecoder;
use greenlit_core::status::{StatusList, StatusToken, Statuses};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::ListEntry;
use greenlit_issuer::{Packing, Permutation, PrivateKey, pack, sign_status_list};

#[path = "../../../benches/report/mod.rs"]
mod report;

const ENTRIES: u64 = 4_000_000;
const MADE: u64 = 1_614_556_800;

/// Revoked and suspended passes, taken out at random as the issuer's permutation of indexes does it.
fn statuses(bits: u8, revoked: u64, suspended: u64) -> Statuses {
    let mut statuses = Statuses::new(bits, ENTRIES as usize).unwrap();
    let places = Permutation::new([7; 32], ENTRIES).unwrap();
    for row in 0..revoked + suspended {
        assert!(statuses.set(places.index_of(row).unwrap(), if row < revoked { 1 } else { 2 }));
    }
    statuses
}

struct List {
    entry: ListEntry,
    zlib: Vec<u8>,
    signed: Vec<u8>,
    /// Bytes and seconds of plain zlib at its best, and seconds of what `publish` does.
    packing: (usize, f64, f64),
}

fn entry(bits: u8) -> ListEntry {
    let made = UnixTime::new(MADE).unwrap();
    ListEntry {
        id: 1,
        uri: "urn:greenlit:ru-ba:0123456789abcdef:status:1".into(),
        signer: key().public().clone(),
        bits,
        size: ENTRIES,
        least_issued: made,
        soft_age: 1,
        hard_age: 2,
    }
}

fn key() -> PrivateKey {
    PrivateKey::from_seed(&[3; 32]).unwrap()
}

fn list(bits: u8, revoked: u64, suspended: u64) -> List {
    let entry = entry(bits);
    let statuses = statuses(bits, revoked, suspended);
    let started = Instant::now();
    let quick = statuses.deflate().len();
    let by_zlib = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let zlib = pack(&statuses, Packing::Smallest);
    let packing = (quick, by_zlib, started.elapsed().as_secs_f64());
    let token = StatusToken {
        uri: entry.uri.clone(),
        issued: entry.least_issued,
        expires: None,
        ttl: Some(3 * 86_400),
        bits,
        zlib: zlib.clone(),
    };
    List { entry, zlib, signed: sign_status_list(&token, &key()), packing }
}

fn main() {
    let mut args = std::env::args().skip_while(|arg| arg != "--hold").skip(1);
    if let (Some(bits), Some(file)) = (args.next(), args.next()) {
        return hold(bits.parse().unwrap(), Path::new(&file));
    }
    let one = list(1, ENTRIES / 100, 0);
    let two = list(2, ENTRIES / 100, ENTRIES / 1_000);
    let mut table =
        String::from("| list of 4,000,000 entries | aim | 1 bit, 1 % revoked | 2 bits, 0.1 % suspended too |\n");
    table += "|---|---|---|---|\n";
    let sizes = [&one, &two].map(|list| list.signed.len() as f64 / 1e3);
    writeln!(table, "| on the wire, signed | 58 kB, 70 kB | {:.1} kB | {:.1} kB |", sizes[0], sizes[1]).unwrap();
    let least = [(&[0.01][..]), &[0.01, 0.001]].map(least_bytes);
    writeln!(table, "| the least that any code could take (entropy) | | {:.1} kB | {:.1} kB |", least[0], least[1])
        .unwrap();
    let [a, b] = [&one, &two].map(|list| list.packing);
    let quick = [a, b].map(|(bytes, ..)| bytes as f64 / 1e3);
    writeln!(table, "| the list alone by zlib at its best | | {:.1} kB | {:.1} kB |", quick[0], quick[1]).unwrap();
    writeln!(table, "| packed once by `publish` | | {:.1} s | {:.1} s |", a.2, b.2).unwrap();
    writeln!(table, "| the same, as a ratio to zlib | | {:.0} | {:.0} |", a.2 / a.1, b.2 / b.1).unwrap();
    let opened = [&one, &two].map(time_opening);
    let [a, b] = opened;
    writeln!(table, "| opened: signature, unpacking, checks; median | 50 ms | {:.2} ms | {:.2} ms |", a.0, b.0)
        .unwrap();
    writeln!(table, "| the same, as a ratio to bare inflating, pair by pair | | {:.2} | {:.2} |", a.1, b.1).unwrap();
    let kept = [&one, &two].map(memory);
    writeln!(table, "| resident for it, of which packed | 2 MB | {} | {} |", kept[0], kept[1]).unwrap();
    let [a, b] = [&one, &two].map(time_look_ups);
    writeln!(table, "| a look-up at random, median | 1,000 ns | {:.1} ns | {:.1} ns |", a.0, b.0).unwrap();
    writeln!(table, "| the same, as a ratio to a bare array look-up, pair by pair | | {:.2} | {:.2} |", a.1, b.1)
        .unwrap();
    report::publish("lists", &table);
}

/// Shannon's bound in kB for entries of which these shares are marked.
fn least_bytes(marked: &[f64]) -> f64 {
    let rest = 1.0 - marked.iter().sum::<f64>();
    let bits: f64 = marked.iter().chain([&rest]).map(|share| -share * share.log2()).sum();
    bits * ENTRIES as f64 / 8e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Times both in turn; gives the median of the first, and of the ratio first to second pair by pair.
fn in_turn(rounds: usize, work: impl Fn(), peer: impl Fn()) -> (f64, f64) {
    let timed = |work: &dyn Fn()| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    timed(&work);
    timed(&peer);
    let pairs: Vec<(f64, f64)> = (0..rounds).map(|_| (timed(&work), timed(&peer))).collect();
    let ratio = pairs.iter().map(|pair| pair.0 / pair.1).collect();
    (median(pairs.into_iter().map(|pair| pair.0).collect()), median(ratio))
}

/// Milliseconds.
fn time_opening(list: &List) -> (f64, f64) {
    let open = || drop(black_box(StatusList::open(black_box(&list.signed), &list.entry).unwrap()));
    let inflate = || {
        let mut packed = Vec::with_capacity(ENTRIES as usize * usize::from(list.entry.bits) / 8);
        ZlibDecoder::new(black_box(&list.zlib[..])).read_to_end(&mut packed).unwrap();
        black_box(packed);
    };
    let (seconds, ratio) = in_turn(201, open, inflate);
    (seconds * 1e3, ratio)
}

/// Nanoseconds.
fn time_look_ups(list: &List) -> (f64, f64) {
    const EACH: u64 = 100_000;
    let opened = StatusList::open(&list.signed, &list.entry).unwrap();
    let mut packed = Vec::new();
    ZlibDecoder::new(&list.zlib[..]).read_to_end(&mut packed).unwrap();
    let places = Permutation::new([9; 32], ENTRIES).unwrap();
    let indexes: Vec<u64> = (0..EACH).map(|row| places.index_of(row).unwrap()).collect();
    let bits = u64::from(list.entry.bits);
    let mask = (1u8 << bits) - 1;
    let ours = || {
        let found: u64 = indexes.iter().map(|i| u64::from(opened.get(black_box(*i), &list.entry).unwrap())).sum();
        black_box(found);
    };
    let bare = || {
        let look = |i: u64| u64::from(packed[(i * bits / 8) as usize] >> (i * bits % 8) & mask);
        black_box(indexes.iter().map(|i| look(black_box(*i))).sum::<u64>());
    };
    let (seconds, ratio) = in_turn(101, ours, bare);
    (seconds * 1e9 / EACH as f64, ratio)
}

/// In a process of its own, which has not held anything else before.
fn memory(list: &List) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("status-1.cwt");
    std::fs::write(&file, &list.signed).unwrap();
    let me = std::env::current_exe().unwrap();
    let child = Command::new(me).args(["--hold", &list.entry.bits.to_string()]).arg(&file).output().unwrap();
    assert!(child.status.success(), "{child:?}");
    let bytes: f64 = String::from_utf8(child.stdout).unwrap().trim().parse().unwrap();
    let packed = ENTRIES as f64 * f64::from(list.entry.bits) / 8.0;
    format!("{:.2} MB, {:.2}", bytes / 1e6, packed / 1e6)
}

/// Opens the file and prints by how many bytes this process has grown, the file's own bytes included.
fn hold(bits: u8, file: &Path) {
    let entry = entry(bits);
    let before = resident();
    let list = StatusList::open(&std::fs::read(file).unwrap(), &entry).unwrap();
    println!("{}", resident() - before);
    black_box(&list);
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
