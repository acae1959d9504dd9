//! What devices of a table are parts of. It is looked up once every row is known to be a device, so that a part may stand
//! above the device it belongs to. Pure: no database, no HTTP.

use std::collections::{HashMap, VecDeque};
use std::iter::successors;

use super::assets::Numbered;
use super::numbers::{Found, Index, LONGEST, identifies};
use super::values::Cells;
use crate::assets::{Asset, AssetId};
use crate::companies::CompanyId;
use crate::error::Flaw;
use crate::words::text::Line;

/// Devices that one may be within, each in the next.
const MOST_LEVELS: usize = 50;
/// A parent is called by the first two of the numbers: inventory and external number. Serial numbers are too often alike.
const CALLED: usize = 2;

/// A row, as far as it is known what it is.
pub struct Part<'a> {
    /// Its number in the file.
    pub number: i64,
    /// Its cells.
    pub cells: Cells<'a>,
    /// Whose it is.
    pub company: Option<CompanyId>,
    /// Inventory, external and serial number as they stand in it.
    pub numbers: [Option<Line<LONGEST>>; 3],
    /// The number of what it is a part of.
    pub parent: Option<Line<LONGEST>>,
    /// The place of the device among those that are known.
    pub known: Option<usize>,
    /// The device before.
    pub before: Option<&'a Asset>,
    /// The device after; nothing when something is wrong with the row.
    pub after: Option<Asset>,
}

impl Part<'_> {
    /// What a row calls its parent, if it calls it anything: a dash calls nothing.
    fn called(&self) -> Option<(CompanyId, &str)> {
        let called = self.parent.as_deref().filter(|parent| parent.chars().any(char::is_alphanumeric));
        self.company.zip(called).filter(|_| self.after.is_some())
    }
}

/// What is wrong with what a row calls its parent.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Unknown,
    Archived,
    Several,
    /// Its row is mistaken, so it will not be there.
    Row(i64),
    Loop,
    TooDeep,
}

impl Wrong {
    fn tell(self, cells: &mut Cells<'_>) {
        match self {
            Self::Unknown => cells.mistake("parent", Flaw::UnknownParent, []),
            Self::Archived => cells.mistake("parent", Flaw::Archived, []),
            Self::Several => cells.mistake("parent", Flaw::Ambiguous, []),
            Self::Row(row) => cells.mistake("parent", Flaw::MistakenRow, [("row", row.to_string())]),
            Self::Loop => cells.mistake("parent", Flaw::Loop, []),
            Self::TooDeep => cells.mistake("parent", Flaw::TooDeep, [("max", MOST_LEVELS.to_string())]),
        }
    }
}

/// Says what the devices of rows are parts of. A row becomes mistaken when it names nothing that will be there, or puts a
/// device within itself.
pub fn settle(parts: &mut [Part<'_>], numbered: &Numbered) {
    if parts.iter().all(|part| part.called().is_none()) {
        return;
    }
    let mut tree = Tree::new(parts, numbered);
    let names = Names::new(parts, &tree, numbered);
    let (mut wrong, mut warned) = (Vec::new(), Vec::new());
    for (row, part) in parts.iter().enumerate() {
        let Some((company, called)) = part.called() else { continue };
        match names.find(company, called, numbered) {
            Ok((node, but_for_zeros)) => {
                tree.put(row, node);
                let other = tree.called(node, parts, numbered).filter(|_| but_for_zeros);
                warned.extend(other.map(|(_, numbers)| (row, like(called, numbers))));
            }
            // «нет» and the like are no number: the row is done without.
            Err(Wrong::Unknown) if !identifies(called) => warned.push((row, None)),
            Err(flaw) => wrong.push((row, flaw)),
        }
    }
    for (row, other) in warned {
        let Some(part) = parts.get_mut(row) else { continue };
        match other {
            Some(other) => part.cells.warn("parent", Flaw::LeadingZeros, [("other", other)]),
            None => part.cells.warn("parent", Flaw::UnknownParent, []),
        }
    }
    // What is left out of a tree may close another loop, or open one.
    loop {
        tree.leave_out(parts, wrong);
        wrong = tree.loops();
        if wrong.is_empty() {
            wrong = tree.too_deep();
        }
        if wrong.is_empty() {
            break;
        }
    }
    tree.write(parts);
}

/// The number that differs from this one in leading zeros only.
fn like(called: &str, numbers: [Option<&str>; CALLED]) -> Option<String> {
    let bare = |number: &str| number.trim_start_matches('0').to_owned();
    numbers.into_iter().flatten().find(|number| bare(number) == bare(called)).map(str::to_owned)
}

/// Puts new devices in an order in which none comes before what it is a part of.
pub fn parents_first(new: &mut [Asset]) {
    let above: HashMap<AssetId, Option<AssetId>> = new.iter().map(|asset| (asset.id, asset.parent_id)).collect();
    let new_one = |id: &AssetId| above.contains_key(id);
    new.sort_by_cached_key(|asset| {
        let first = asset.parent_id.filter(new_one);
        successors(first, |id| above.get(id).copied().flatten().filter(new_one)).take(MOST_LEVELS).count()
    });
}

/// The devices that rows may call their parents, by number.
#[derive(Default)]
struct Names {
    there: [Index<CompanyId, usize>; CALLED],
    /// Rows whose devices will not be there.
    mistaken: [Index<CompanyId, i64>; CALLED],
}

impl Names {
    fn new(parts: &[Part<'_>], tree: &Tree, numbered: &Numbered) -> Self {
        let mut names = Self::default();
        for node in 0..tree.kept.len() {
            let Some((company, numbers)) = tree.called(node, parts, numbered) else { continue };
            for (index, number) in names.there.iter_mut().zip(numbers) {
                index.insert(company, number.unwrap_or_default(), node);
            }
        }
        for part in parts.iter().filter(|part| part.after.is_none()) {
            let Some(company) = part.company else { continue };
            for (index, number) in names.mistaken.iter_mut().zip(&part.numbers) {
                index.insert(company, number.as_deref().unwrap_or_default(), part.number);
            }
        }
        names
    }

    /// The device that is called so, and whether it is called so but for leading zeros.
    fn find(&self, company: CompanyId, called: &str, numbered: &Numbered) -> Result<(usize, bool), Wrong> {
        for index in &self.there {
            match index.find(company, called) {
                Found::This(node) => return Ok((node, false)),
                Found::ButForZeros(node) => return Ok((node, true)),
                Found::Several => return Err(Wrong::Several),
                Found::Nothing => {}
            }
        }
        for index in &self.mistaken {
            match index.find(company, called) {
                Found::This(row) | Found::ButForZeros(row) => return Err(Wrong::Row(row)),
                Found::Several => return Err(Wrong::Several),
                Found::Nothing => {}
            }
        }
        let gone = numbered.gone.iter().take(CALLED).any(|gone| gone.find(company, called) != Found::Nothing);
        Err(if gone { Wrong::Archived } else { Wrong::Unknown })
    }
}

/// Devices, those known first and then the new ones, and what each is within.
struct Tree {
    ids: Vec<AssetId>,
    /// What each is within as it is known.
    kept: Vec<Option<usize>>,
    /// What each will be within.
    up: Vec<Option<usize>>,
    /// The rows that call this device their parent.
    callers: Vec<Vec<usize>>,
    /// The row that says what the device is.
    rows: Vec<Option<usize>>,
    /// The device of each row.
    nodes: Vec<Option<usize>>,
}

fn at<T: Copy>(list: &[Option<T>], place: usize) -> Option<T> {
    list.get(place).copied().flatten()
}

fn set<T>(list: &mut [T], place: usize, value: T) {
    if let Some(slot) = list.get_mut(place) {
        *slot = value;
    }
}

impl Tree {
    fn new(parts: &[Part<'_>], numbered: &Numbered) -> Self {
        let mut ids: Vec<AssetId> = numbered.rows.iter().map(|row| row.id).collect();
        let places: HashMap<AssetId, usize> = ids.iter().copied().zip(0..).collect();
        let above = |parent: Option<AssetId>| parent.and_then(|id| places.get(&id).copied());
        let mut kept: Vec<Option<usize>> = numbered.rows.iter().map(|row| above(row.parent_id)).collect();
        let mut rows = vec![None; ids.len()];
        let mut nodes = vec![None; parts.len()];
        for (row, part) in parts.iter().enumerate() {
            let Some(after) = &part.after else { continue };
            let node = part.known.unwrap_or(ids.len());
            if node == ids.len() {
                ids.push(after.id);
                kept.push(None);
                rows.push(None);
            }
            set(&mut rows, node, Some(row));
            set(&mut nodes, row, Some(node));
        }
        Self { up: kept.clone(), callers: vec![Vec::new(); ids.len()], ids, kept, rows, nodes }
    }

    /// Whose a device is and what numbers it may be called by, as it will be; nothing when it is out of service.
    fn called<'p>(
        &self,
        node: usize,
        parts: &'p [Part<'_>],
        numbered: &'p Numbered,
    ) -> Option<(CompanyId, [Option<&'p str>; CALLED])> {
        if let Some(after) = at(&self.rows, node).and_then(|row| parts.get(row)?.after.as_ref()) {
            let numbers = [after.inventory_number.as_deref(), after.external_number.as_deref()];
            return Some((after.company_id, numbers));
        }
        let row = numbered.rows.get(node).filter(|row| !row.archived)?;
        let [inventory, external, _] = &row.numbers;
        Some((row.company_id, [inventory.as_deref(), external.as_deref()]))
    }

    fn put(&mut self, row: usize, parent: usize) {
        let Some(node) = at(&self.nodes, row) else { return };
        set(&mut self.up, node, Some(parent));
        if let Some(callers) = self.callers.get_mut(parent) {
            callers.push(row);
        }
    }

    /// Leaves rows out, and with a new device the rows that are parts of it.
    fn leave_out(&mut self, parts: &mut [Part<'_>], wrong: Vec<(usize, Wrong)>) {
        // What is wrong with a row itself is told before what is wrong with its parent.
        let mut wrong = VecDeque::from(wrong);
        while let Some((row, flaw)) = wrong.pop_front() {
            let Some(part) = parts.get_mut(row).filter(|part| part.after.is_some()) else { continue };
            let Some(node) = at(&self.nodes, row) else { continue };
            flaw.tell(&mut part.cells);
            part.after = None;
            let kept = at(&self.kept, node);
            set(&mut self.up, node, kept);
            if part.known.is_none() {
                let callers = self.callers.get_mut(node).map(std::mem::take).unwrap_or_default();
                wrong.extend(callers.into_iter().map(|caller| (caller, Wrong::Row(part.number))));
            }
        }
    }

    /// The row that moves a device into another one, if a row does.
    fn mover(&self, node: usize) -> Option<usize> {
        at(&self.rows, node).filter(|_| at(&self.up, node) != at(&self.kept, node))
    }

    /// Rows that put a device within itself.
    fn loops(&self) -> Vec<(usize, Wrong)> {
        let mut wrong = Vec::new();
        let mut seen = vec![None; self.up.len()];
        for start in 0..self.up.len() {
            let mut step = Some(start);
            while let Some(node) = step.filter(|node| at(&seen, *node).is_none()) {
                set(&mut seen, node, Some(start));
                step = at(&self.up, node);
            }
            // Back at a device of this very way: from there on it goes round.
            let Some(first) = step.filter(|node| at(&seen, *node) == Some(start)) else { continue };
            let round = successors(at(&self.up, first), |node| at(&self.up, *node).filter(|_| *node != first));
            wrong.extend(round.filter_map(|node| Some((self.mover(node)?, Wrong::Loop))));
        }
        wrong
    }

    /// Rows that put a device too deep into others.
    fn too_deep(&self) -> Vec<(usize, Wrong)> {
        let deep = |node: &usize| {
            let above = successors(at(&self.up, *node), |node| at(&self.up, *node));
            above.take(MOST_LEVELS + 1).count() > MOST_LEVELS
        };
        let moved = (0..self.up.len()).filter(|node| self.mover(*node).is_some());
        moved.filter(deep).filter_map(|node| Some((self.mover(node)?, Wrong::TooDeep))).collect()
    }

    fn write(&self, parts: &mut [Part<'_>]) {
        for (part, node) in parts.iter_mut().zip(&self.nodes) {
            let parent = node.filter(|node| at(&self.up, *node) != at(&self.kept, *node));
            let parent = parent.and_then(|node| at(&self.up, node)).and_then(|parent| self.ids.get(parent));
            if let (Some(after), Some(parent)) = (&mut part.after, parent) {
                after.parent_id = Some(*parent);
            }
        }
    }
}
