//! The cells of a row, in one piece of memory: millions of rows go through, each of a dozen cells.

use super::output::as_it_was;

/// The fields of a record, in whatever encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// One after the other.
    pub(super) bytes: Vec<u8>,
    /// Where each of them ends.
    pub(super) ends: Box<[u32]>,
}

impl Fields {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&[u8]> {
        self.bytes.get(range(&self.ends, at)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map_while(|at| self.get(at))
    }
}

/// Where a cell ends; a record is far smaller than what fits.
pub(super) fn end(at: usize) -> u32 {
    at.try_into().unwrap_or(u32::MAX)
}

/// Where one of them stands.
fn range(ends: &[u32], at: usize) -> Option<std::ops::Range<usize>> {
    let start = at.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied())?;
    Some(start as usize..*ends.get(at)? as usize)
}

/// The cells of a row as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    text: Box<str>,
    ends: Box<[u32]>,
}

impl Cells {
    /// `None` where a field is not UTF-8.
    pub(super) fn of(fields: Fields) -> Option<Self> {
        let Fields { bytes, ends } = fields;
        let text = String::from_utf8(bytes).ok()?.into_boxed_str();
        ends.iter().all(|end| text.is_char_boundary(*end as usize)).then_some(Self { text, ends })
    }

    /// A row of this cell alone.
    pub(super) fn one(text: String) -> Self {
        Self::from_iter([text.as_str()])
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&str> {
        self.text.get(range(&self.ends, at)?).map(as_it_was)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map_while(|at| self.get(at))
    }
}

impl<'t> FromIterator<&'t str> for Cells {
    fn from_iter<I: IntoIterator<Item = &'t str>>(cells: I) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::new());
        for cell in cells {
            text.push_str(cell);
            ends.push(end(text.len()));
        }
        Self { text: text.into(), ends: ends.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_what_was_put_in() {
        let cells: Cells = ["Ә", "", "'=1+1", "'Abd", "x"].into_iter().collect();
        assert_eq!(cells.iter().collect::<Vec<_>>(), ["Ә", "", "=1+1", "'Abd", "x"]);
        assert_eq!((cells.len(), cells.get(4), cells.get(5)), (5, Some("x"), None));
        assert_eq!(Cells::one("a;b".into()).iter().collect::<Vec<_>>(), ["a;b"]);
        // Half a letter is no cell.
        assert_eq!(Cells::of(Fields { bytes: "Ә".into(), ends: [1, 2].into() }), None);
        assert_eq!(Cells::of(Fields { bytes: vec![0xFF], ends: [1].into() }), None);
    }
}
