//! Which figures of a table are left out so that none from 1 to 4 can be known.
//!
//! A table with its totals is a flow: what comes in at an hour goes out by its codes, from these to their answers, and
//! round to the beginning again.
//!
//! ```text
//!        hour's total      figure        code's total     answer's total
//! start ─────────────► hour ────► code ─────────────► answer ─────────► end ──► start
//!                                                                      total
//! ```
//!
//! Whoever has the table knows every figure that is shown, and of one that is hidden whether it is small (1 to 4) or
//! not (5 and more). Two tables that agree in all of this differ by circles of hidden figures, along which each is one
//! more or one less. So a hidden figure can be computed if and only if no such circle leads through it, and where none
//! does, the figures of the cheapest circle are hidden with it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Figures below this, but for nought, are hidden.
pub(super) const LEAST: u64 = 5;

/// How a figure is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Published {
    Shown,
    /// From 1 to 4, and said to be.
    Small,
    /// It would give another away.
    Hidden,
}

/// Figures by hour and code, and which answer each code belongs to.
pub(super) struct Table {
    pub(super) cells: Vec<Vec<u64>>,
    pub(super) answers: Vec<usize>,
}

/// How each figure and each total is published, in the order of the table.
pub(super) struct Cover {
    pub(super) cells: Vec<Vec<Published>>,
    pub(super) hours: Vec<Published>,
    pub(super) codes: Vec<Published>,
    pub(super) answers: Vec<Published>,
    pub(super) total: Published,
}

/// Hiding a total tells less to those who read the figures than hiding one figure: in figures.
const HOUR: u64 = 3;
const CODE: u64 = 6;
const ANSWER: u64 = 10;
const TOTAL: u64 = 30;
/// A figure's weight; between equal ways the one with smaller figures.
const WEIGHT: u64 = 1 << 32;

struct Edge {
    from: usize,
    to: usize,
    value: u64,
    published: Published,
    cost: u64,
    /// Nothing is said of it but that it is not nought.
    vague: bool,
}

impl Edge {
    /// Whether it could be one more, or one less, for all that is known once it is hidden.
    fn moves(&self, up: bool) -> bool {
        let (least, most) = match self.published {
            _ if self.vague => (1, u64::MAX),
            Published::Small => (1, LEAST - 1),
            Published::Hidden | Published::Shown => (LEAST, u64::MAX),
        };
        let possible = self.value >= least && self.value <= most;
        possible && if up { self.value < most } else { self.value > least }
    }

    /// What it costs to hide it.
    fn price(&self) -> u64 {
        if self.published == Published::Shown { self.cost * WEIGHT + self.value.min(WEIGHT - 1) } else { 0 }
    }
}

struct Flow {
    edges: Vec<Edge>,
    /// The edges that touch each node.
    at: Vec<Vec<usize>>,
}

impl Flow {
    /// Nodes: the start, then hours, codes, answers, and the end.
    fn of(table: &Table) -> Self {
        let (hours, codes) = (table.cells.len(), table.answers.len());
        let groups = table.answers.iter().max().map_or(0, |most| most + 1);
        let (code, answer, end) = (1 + hours, 1 + hours + codes, 1 + hours + codes + groups);
        let mut flow = Self { edges: Vec::new(), at: vec![Vec::new(); end + 1] };
        let mut by_code = vec![0_u64; codes];
        let mut by_answer = vec![0_u64; groups];
        let mut by_hour = Vec::new();
        for (hour, row) in table.cells.iter().enumerate() {
            for (at, value) in row.iter().enumerate() {
                flow.add(1 + hour, code + at, *value, 1);
                by_code.iter_mut().skip(at).take(1).for_each(|sum| *sum = sum.saturating_add(*value));
            }
            by_hour.push(row.iter().fold(0_u64, |sum, value| sum.saturating_add(*value)));
        }
        by_hour.iter().enumerate().for_each(|(hour, sum)| flow.add(0, 1 + hour, *sum, HOUR));
        for (at, (sum, group)) in by_code.iter().zip(&table.answers).enumerate() {
            flow.add(code + at, answer + group, *sum, CODE);
            by_answer.iter_mut().skip(*group).take(1).for_each(|all| *all = all.saturating_add(*sum));
        }
        by_answer.iter().enumerate().for_each(|(group, sum)| flow.add(answer + group, end, *sum, ANSWER));
        flow.add(end, 0, by_hour.iter().fold(0_u64, |sum, value| sum.saturating_add(*value)), TOTAL);
        flow
    }

    fn add(&mut self, from: usize, to: usize, value: u64, cost: u64) {
        let published = if (1..LEAST).contains(&value) { Published::Small } else { Published::Shown };
        for node in [from, to] {
            self.at.iter_mut().skip(node).take(1).for_each(|edges| edges.push(self.edges.len()));
        }
        self.edges.push(Edge { from, to, value, published, cost, vague: false });
    }

    /// The cheapest circle that moves this edge up, or down: what it costs and which edges are on it.
    fn circle(&self, edge: usize, up: bool) -> Option<(u64, Vec<usize>)> {
        let first = self.edges.get(edge).filter(|first| first.moves(up))?;
        let (start, goal) = if up { (first.to, first.from) } else { (first.from, first.to) };
        let mut best = vec![u64::MAX; self.at.len()];
        let mut by: Vec<Option<(usize, usize)>> = vec![None; self.at.len()];
        let mut open = BinaryHeap::from([(Reverse(0_u64), start)]);
        best.iter_mut().skip(start).take(1).for_each(|cost| *cost = 0);
        while let Some((Reverse(cost), node)) = open.pop() {
            if node == goal {
                break;
            }
            if best.get(node).is_none_or(|known| *known < cost) {
                continue;
            }
            for next in self.at.get(node)?.iter().copied().filter(|next| *next != edge) {
                let Some(step) = self.edges.get(next) else { continue };
                // Along its direction it grows, against it it shrinks.
                let (to, grows) = if step.from == node { (step.to, true) } else { (step.from, false) };
                if !step.moves(grows) {
                    continue;
                }
                let cost = cost.saturating_add(step.price());
                if best.get(to).is_some_and(|known| cost < *known) {
                    best.iter_mut().skip(to).take(1).for_each(|known| *known = cost);
                    by.iter_mut().skip(to).take(1).for_each(|by| *by = Some((next, node)));
                    open.push((Reverse(cost), to));
                }
            }
        }
        let cost = *best.get(goal).filter(|cost| **cost < u64::MAX)?;
        let (mut path, mut node) = (Vec::new(), goal);
        while node != start {
            let (edge, before) = (*by.get(node)?)?;
            path.push(edge);
            node = before;
        }
        Some((cost, path))
    }

    /// Hides what has to be hidden beside the small figures. One that is hidden pins no other, so each is looked at
    /// once, and those of a circle protect each other.
    fn cover(&mut self) {
        for edge in 0..self.edges.len() {
            if self.edges.get(edge).is_none_or(|edge| edge.published != Published::Small) {
                continue;
            }
            let (up, down) = (self.circle(edge, true), self.circle(edge, false));
            let Some((_, path)) = up.into_iter().chain(down).min_by_key(|(cost, _)| *cost) else {
                return self.veil();
            };
            for on_path in path {
                if let Some(edge) = self.edges.get_mut(on_path).filter(|edge| edge.published == Published::Shown) {
                    edge.published = Published::Hidden;
                }
            }
        }
    }

    /// No circle within what is known: then less is told, of every figure nothing but that it is not nought. Each is
    /// then on a circle, for all can be one more along the way that it flows.
    fn veil(&mut self) {
        for edge in self.edges.iter_mut().filter(|edge| edge.value > 0) {
            (edge.published, edge.vague) = (Published::Hidden, true);
        }
    }
}

/// What of a table can be published.
pub(super) fn cover(table: &Table) -> Cover {
    let mut flow = Flow::of(table);
    flow.cover();
    let mut published = flow.edges.iter().map(|edge| edge.published);
    let mut next = |count: usize| -> Vec<Published> { published.by_ref().take(count).collect() };
    let (hours, codes) = (table.cells.len(), table.answers.len());
    let groups = table.answers.iter().max().map_or(0, |most| most + 1);
    let cells = (0..hours).map(|_| next(codes)).collect();
    let (hours, codes, answers) = (next(hours), next(codes), next(groups));
    let total = next(1).pop().unwrap_or(Published::Hidden);
    Cover { cells, hours, codes, answers, total }
}
