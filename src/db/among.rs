//! `column IN (…)` that the database prepares once.
//!
//! diesel's own `eq_any` has its text prepared anew each time, which costs more than running it. Here a list that the
//! program knows is part of the statement's type, and any other list is filled up with its last value to the next power
//! of two: a query has a handful of texts however many values it is asked with.

use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, SingleValue, SqlType};

/// Whether a column holds one of some values, or, when `NOT`, none of them. Made by [`Among`]. For conditions only: where
/// the column is NULL so is the answer, which a selection would not expect.
#[derive(Debug, Clone)]
pub struct IsAmong<C, V, const NOT: bool> {
    column: C,
    values: V,
}

/// Asks whether a column holds one of some values.
pub trait Among: Expression<SqlType: SqlType + SingleValue + TypedExpressionType> + Sized {
    /// The column holds one of these.
    fn one_of<T, const N: usize>(self, values: [T; N]) -> IsAmong<Self, [T::Expression; N], false>
    where
        T: AsExpression<Self::SqlType>,
    {
        IsAmong { column: self, values: values.map(AsExpression::as_expression) }
    }

    /// The column holds none of these.
    fn none_of<T, const N: usize>(self, values: [T; N]) -> IsAmong<Self, [T::Expression; N], true>
    where
        T: AsExpression<Self::SqlType>,
    {
        IsAmong { column: self, values: values.map(AsExpression::as_expression) }
    }

    /// The column holds one of `values`; without any it never does. All lists of a
    /// statement together have at most 16,384: filled up, they stay below the parameters a statement of SQLite may have.
    fn among<T>(self, values: impl IntoIterator<Item = T>) -> IsAmong<Self, Vec<T::Expression>, false>
    where
        T: AsExpression<Self::SqlType>,
    {
        IsAmong { column: self, values: values.into_iter().map(AsExpression::as_expression).collect() }
    }

    /// The column holds none of `values`; without any it always does. As many as in [`among`](Among::among).
    fn not_among<T>(self, values: impl IntoIterator<Item = T>) -> IsAmong<Self, Vec<T::Expression>, true>
    where
        T: AsExpression<Self::SqlType>,
    {
        IsAmong { column: self, values: values.into_iter().map(AsExpression::as_expression).collect() }
    }
}

impl<C: Expression<SqlType: SqlType + SingleValue + TypedExpressionType>> Among for C {}

impl<C: Expression, V, const NOT: bool> Expression for IsAmong<C, V, NOT> {
    type SqlType = Bool;
}

impl<C: ValidGrouping<G>, V, G, const NOT: bool> ValidGrouping<G> for IsAmong<C, V, NOT> {
    type IsAggregate = C::IsAggregate;
}

impl<C: AppearsOnTable<T>, V, T, const NOT: bool> AppearsOnTable<T> for IsAmong<C, V, NOT> {}
impl<C: SelectableExpression<T>, V, T, const NOT: bool> SelectableExpression<T> for IsAmong<C, V, NOT> {}

impl<C: QueryId, E: QueryId, const N: usize, const NOT: bool> QueryId for IsAmong<C, [E; N], NOT> {
    type QueryId = IsAmong<C::QueryId, [E::QueryId; N], NOT>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID && E::HAS_STATIC_QUERY_ID;
}

/// The number of values is not part of the type, so the text is the key of what was prepared.
impl<C, E, const NOT: bool> QueryId for IsAmong<C, Vec<E>, NOT> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, C, E, const N: usize, const NOT: bool> QueryFragment<DB> for IsAmong<C, [E; N], NOT>
where
    DB: diesel::backend::Backend,
    C: QueryFragment<DB>,
    E: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        write(&self.column, self.values.iter(), NOT, pass)
    }
}

impl<DB, C, E, const NOT: bool> QueryFragment<DB> for IsAmong<C, Vec<E>, NOT>
where
    DB: diesel::backend::Backend,
    C: QueryFragment<DB>,
    E: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let filled = self.values.len().next_power_of_two() - self.values.len();
        let last = self.values.last().into_iter();
        write(&self.column, self.values.iter().chain(last.cycle().take(filled)), NOT, pass)
    }
}

fn write<'b, DB, C, E>(
    column: &'b C,
    values: impl Iterator<Item = &'b E>,
    not: bool,
    mut pass: AstPass<'_, 'b, DB>,
) -> QueryResult<()>
where
    DB: diesel::backend::Backend,
    C: QueryFragment<DB>,
    E: QueryFragment<DB> + 'b,
{
    let mut values = values.peekable();
    if values.peek().is_none() {
        pass.push_sql(if not { "1=1" } else { "1=0" });
        return Ok(());
    }
    column.walk_ast(pass.reborrow())?;
    pass.push_sql(if not { " NOT IN (" } else { " IN (" });
    for (place, value) in values.enumerate() {
        if place > 0 {
            pass.push_sql(", ");
        }
        value.walk_ast(pass.reborrow())?;
    }
    pass.push_sql(")");
    Ok(())
}
