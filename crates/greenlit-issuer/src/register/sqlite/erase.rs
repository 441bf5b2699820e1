//! What is erased of passes that have long been over.

use rusqlite::{ToSql, params};

use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::super::{Erased, Result};
use super::change::Change;
use super::{pass_at, place, seconds};
use crate::operator::Actor;
use crate::witness::Entry;

/// Before the first place.
const NOWHERE: (i64, i64) = (-1, -1);

/// Places after (?1, ?2), up to (?3, ?4), of passes that were over by ?5.
const OVER: &str = "(list, idx) > (?1, ?2) AND (list, idx) <= (?3, ?4) AND exp <= ?5";
/// Of which something is there to be erased.
pub(super) const KNOWN: &str = "(person IS NOT NULL OR holder IS NOT NULL OR batch IS NOT NULL OR line IS NOT NULL
    OR reason IS NOT NULL OR EXISTS (SELECT 1 FROM request WHERE request.list = pass.list AND request.idx = pass.idx)
    OR EXISTS (SELECT 1 FROM status_change AS change
               WHERE change.list = pass.list AND change.idx = pass.idx AND change.reason IS NOT NULL))";

impl Change<'_> {
    pub(super) fn erase(
        &self,
        before: UnixTime,
        after: Option<StatusRef>,
        at_most: usize,
        by: &Actor<'_>,
    ) -> Result<Erased> {
        let from = after.map_or(NOWHERE, place);
        let skip = i64::try_from(at_most).unwrap_or(i64::MAX).saturating_sub(1).max(0);
        let sql = "SELECT list, idx FROM pass WHERE (list, idx) > (?1, ?2) ORDER BY list, idx LIMIT 1 OFFSET ?3";
        let next = self.find(sql, [from.0, from.1, skip], |row| pass_at(row, 0))?;
        let sql = "SELECT list, idx FROM pass ORDER BY list DESC, idx DESC LIMIT 1";
        let Some(to) = next.map_or_else(|| self.find(sql, [], |row| pass_at(row, 0)), |next| Ok(Some(next)))? else {
            return Ok(Erased { passes: 0, next: None });
        };
        let passes = self.erase_between(before, from, place(to))?;
        if next.is_none() {
            // Reasons of revocations that waited once.
            self.execute("UPDATE proposal SET reason = NULL WHERE ended <= ?1", [seconds(before)])?;
        }
        if passes > 0 {
            let (before, after) = (before.seconds(), after.map(|after| (after.list, after.index)));
            self.witness(by, vec![Entry::Erased { before, after, list: to.list, index: to.index }])?;
        }
        Ok(Erased { passes, next })
    }

    /// What was witnessed of it, done again.
    pub(super) fn put_back_erased(&self, before: u64, after: Option<(u64, u64)>, to: StatusRef) -> Result<()> {
        let from = after.map_or(NOWHERE, |(list, index)| place(StatusRef { list, index }));
        let before = UnixTime::new(before).ok_or_else(|| self.damaged())?;
        self.erase_between(before, from, place(to)).map(drop)
    }

    fn erase_between(&self, before: UnixTime, from: (i64, i64), to: (i64, i64)) -> Result<u64> {
        let (before, one): (i64, &dyn ToSql) = (seconds(before), &from.0);
        let range = params![one, from.1, to.0, to.1, before];
        let passes =
            self.number(&format!("SELECT count(*) FROM pass WHERE {OVER} AND {KNOWN}"), range)?.cast_unsigned();
        if passes == 0 {
            return Ok(0);
        }
        let over = format!("(SELECT list, idx FROM pass WHERE {OVER})");
        self.execute(&format!("DELETE FROM request WHERE (list, idx) IN {over}"), range)?;
        let sql = format!("UPDATE status_change SET reason = NULL WHERE reason IS NOT NULL AND (list, idx) IN {over}");
        self.execute(&sql, range)?;
        let sql = format!(
            "UPDATE pass SET person = NULL, holder = NULL, batch = NULL, line = NULL, reason = NULL WHERE {OVER}
             AND (person IS NOT NULL OR holder IS NOT NULL OR batch IS NOT NULL OR line IS NOT NULL OR reason IS NOT NULL)"
        );
        self.execute(&sql, range)?;
        Ok(passes)
    }
}
