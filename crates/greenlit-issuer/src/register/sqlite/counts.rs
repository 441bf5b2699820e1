//! What reports are made of.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use greenlit_core::pass::Class;
use greenlit_core::time::UnixTime;

use super::super::{PassCount, PassEvent, QUARTER, Result};
use super::change::Change;
use super::seconds;

/// Of a few kinds each, and of each the quarters: looking a kind up is cheap, and a number is a small key.
#[derive(Default)]
struct Counts(Vec<(Kind, HashMap<i64, u64>)>);

type Kind = (PassEvent, i64, Option<i64>);

impl Counts {
    fn add(&mut self, kind: Kind, at: i64) {
        let quarter = at / QUARTER.cast_signed();
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, quarters)) => *quarters.entry(quarter).or_default() += 1,
            None => self.0.push((kind, HashMap::from([(quarter, 1)]))),
        }
    }
}

/// In one pass over the table: SQLite sorts what it groups, which takes eight times as long for four million passes.
pub(super) fn passes(connection: &Connection) -> rusqlite::Result<Vec<PassCount>> {
    let mut replaced = connection.prepare(
        "SELECT replaces_list, replaces_idx FROM pass WHERE replaces_list IS NOT NULL AND replaces_idx IS NOT NULL",
    )?;
    let replaced: HashSet<(i64, i64)> =
        replaced.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    // Of each pass it is looked up only where there is one to be found.
    let any =
        connection.query_row("SELECT count(*) FROM key WHERE revoked_at IS NOT NULL", [], |row| row.get::<_, i64>(0));
    let key = if any? > 0 { "(SELECT revoked_at FROM key WHERE kid = pass.kid)" } else { "NULL" };
    let sql = format!("SELECT class, policy, entered, nbf, exp, status, changed, {key}, list, idx FROM pass");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        let (class, policy): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        let (entered, nbf, exp): (Option<i64>, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let (status, changed, key_revoked): (u8, Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?, row.get(7)?);
        let mut count = |event, policy, at: i64| counts.add((event, class, policy), at);
        count(PassEvent::Issued, policy, entered.unwrap_or(nbf));
        let ended = changed.filter(|_| status != 0);
        if let Some(at) = ended.filter(|_| status == 1) {
            let event = if !replaced.is_empty() && replaced.contains(&(row.get(8)?, row.get(9)?)) {
                PassEvent::Replaced
            } else {
                PassEvent::Revoked
            };
            count(event, None, at);
        } else if key_revoked.is_none() {
            count(PassEvent::Expires, None, exp - 1);
        }
        let begins = entered.map_or(nbf, |entered| nbf.max(entered));
        let ends = [Some(exp), ended, key_revoked].into_iter().flatten().min().unwrap_or(exp);
        if begins < ends {
            count(PassEvent::Begins, None, begins);
            count(PassEvent::Ends, None, ends);
        }
    }
    let read = |(event, class, policy): Kind, quarter, passes| PassCount {
        event,
        class: Class(i64::cast_unsigned(class)),
        policy: policy.map(i64::cast_unsigned),
        quarter: i64::cast_unsigned(quarter),
        passes,
    };
    let all = counts.0.into_iter();
    let all =
        all.flat_map(|(kind, quarters)| quarters.into_iter().map(move |(quarter, passes)| read(kind, quarter, passes)));
    Ok(all.collect())
}

impl Change<'_> {
    pub(super) fn count_refusals(&self, batch: Option<u64>, at: UnixTime, counts: &[(&str, u64)]) -> Result<()> {
        let at = match batch {
            Some(batch) => {
                let id = batch.cast_signed();
                self.execute("DELETE FROM refusal WHERE batch = ?1", [id])?;
                self.find("SELECT begun FROM batch WHERE id = ?1", [id], |row| row.get(0))?.unwrap_or(seconds(at))
            }
            None => seconds(at),
        };
        let sql = "INSERT INTO refusal (batch, at, reason, count) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (batch, at, reason) DO UPDATE SET count = count + excluded.count";
        for (reason, count) in counts {
            self.execute(sql, params![batch.unwrap_or(0).cast_signed(), at, reason, count.cast_signed()])?;
        }
        Ok(())
    }
}
