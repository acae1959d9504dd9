//! Where everything is measured: the program serving in this process, a large company, and a client that costs next to nothing.

pub mod caller;
pub mod company;
mod serving;

pub use self::caller::Caller;
pub use self::company::Company;
pub use self::serving::Served;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
