//! Counts the rows that a template leaves something out of.

use protocol::data::DataNote;

use super::template::Omissions;

/// How many rows the template leaves something out of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OmissionCounts {
    thoughts: u64,
    tools: u64,
    system: u64,
    block: u64,
}

impl OmissionCounts {
    pub(super) fn count(&mut self, omissions: Omissions) {
        self.thoughts += u64::from(omissions.thoughts);
        self.tools += u64::from(omissions.tools);
        self.system += u64::from(omissions.system);
        self.block += u64::from(omissions.block);
    }

    pub(super) fn notes(self) -> impl Iterator<Item = DataNote> {
        let all = [
            (self.thoughts, DataNote::ThoughtsLeftOut { rows: self.thoughts }),
            (self.tools, DataNote::ToolsLeftOut { rows: self.tools }),
            (self.system, DataNote::SystemLeftOut { rows: self.system }),
            (self.block, DataNote::BlockInReply { rows: self.block }),
        ];
        all.into_iter().filter(|(rows, _)| *rows > 0).map(|(_, note)| note)
    }
}
