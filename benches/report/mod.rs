//! Tables of measurements, written into a page between marks.

/// Prints the report, and writes it into the page named after `--write`, between the marks of this name.
pub(crate) fn publish(name: &str, report: &str) {
    println!("{report}");
    let Some(path) = std::env::args().skip_while(|arg| arg != "--write").nth(1) else { return };
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->\n"));
    let from = page.find(&begin).expect("a begin mark") + begin.len();
    let to = page.find(&end).expect("an end mark");
    std::fs::write(&path, format!("{}{report}{}", &page[..from], &page[to..])).unwrap();
}
