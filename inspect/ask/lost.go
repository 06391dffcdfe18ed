package ask

import (
	"context"

	"asof/replay"
	"asof/replay/workspace"
)

// NoteLost notes what may be events of any stream and is not shown, for an answer about the
// whole store. A list notes it first: its reader may stop early.
func NoteLost(ctx context.Context, s *workspace.Store) error {
	lost, err := s.Reader.Lost(ctx)
	if err == nil {
		s.Workspace().Notices(replay.LostNotices(lost))
	}
	return err
}

// An accountable question is about one timeline, or its answer itself has what the store
// does not show. All other questions with a single answer are about the whole store: [one]
// notes for them what is lost.
type accountable interface{ accounts() }

func (Timeline) accounts()   {} // by [replay.Account]
func (CheckStore) accounts() {}
func (BisectAll) accounts()  {}
func (Info) accounts()       {}
func (QueryPlan) accounts()  {} // it reads nothing
func (QueryNames) accounts() {} // as does the completion of names
