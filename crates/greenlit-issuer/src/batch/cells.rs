//! The cells of a row, in one piece of memory: millions of rows go through, each of a dozen cells.

use super::output::as_it_was;

/// The fields of a record, in whatever encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// One after the other.
    pub(super) bytes: Vec<u8>,
    /// Where each of them ends.
    pub(super) ends: Vec<usize>,
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

/// Where one of them stands.
fn range(ends: &[usize], at: usize) -> Option<std::ops::Range<usize>> {
    let start = at.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied())?;
    Some(start..*ends.get(at)?)
}

/// The cells of a row as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// `None` where a field is not UTF-8.
    pub(super) fn of(fields: Fields) -> Option<Self> {
        let Fields { bytes, ends } = fields;
        let text = String::from_utf8(bytes).ok()?;
        ends.iter().all(|end| text.is_char_boundary(*end)).then_some(Self { text, ends })
    }

    /// A row of this cell alone.
    pub(super) fn one(text: String) -> Self {
        Self { ends: vec![text.len()], text }
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
            ends.push(text.len());
        }
        Self { text, ends }
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
        assert_eq!(Cells::of(Fields { bytes: "Ә".into(), ends: vec![1, 2] }), None);
        assert_eq!(Cells::of(Fields { bytes: vec![0xFF], ends: vec![1] }), None);
    }
}
