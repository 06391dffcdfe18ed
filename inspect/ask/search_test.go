package ask_test

import (
	"errors"
	"path/filepath"
	"testing"

	"asof/inspect/ask"
	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// judged is the search in cart-1 for the event that made qty more than 1.
var judged = ask.Search{Bisection: ask.Bisection{Timeline: ask.Timeline{StoreRef: workspace.StoreRef{Store: "shop.ndjson"}, Stream: "cart-1"}}}

// judge answers up to this many questions by looking at qty.
func judge(t *testing.T, n *ask.Session, most int) {
	t.Helper()
	for range most {
		q, err := n.Question(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if q == nil {
			return
		}
		mark := bisect.MarkGood
		if string(state.AppendJSON(nil, q.State)) == `{"qty":2}` {
			mark = bisect.MarkBad
		}
		if err := n.Mark(q.Index, mark); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSearchResumes tests one state, saves the search, and resumes it: as the last
// search, and from a file.
func TestSearchResumes(t *testing.T) {
	w := newWorkspace(t)
	var record *bisect.Record
	open := func(f func(*workspace.Store) (*ask.Session, error), use func(*ask.Session)) {
		t.Helper()
		err := w.Read(t.Context(), judged.In(), func(s *workspace.Store) error {
			n, err := f(s)
			if err != nil {
				return err
			}
			defer n.Close()
			use(n)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin := func(s *workspace.Store) (*ask.Session, error) { return judged.Open(t.Context(), s) }
	found := func(n *ask.Session) {
		t.Helper()
		judge(t, n, 10)
		answer, err := n.Conclude(t.Context(), "as judged")
		if err != nil || answer.Verdict != bisect.Found || answer.After.Version() != 2 || answer.Tests != 3 {
			t.Errorf("the answer is %+v: %v", answer, err)
		}
		record = n.Record()
	}
	open(begin, func(n *ask.Session) {
		judge(t, n, 1)
		record = n.Record()
		if !filepath.IsAbs(record.Store) || record.Stream != "cart-1" {
			t.Errorf("the record is of %s in %s", record.Stream, record.Store)
		}
	})
	open(func(s *workspace.Store) (*ask.Session, error) {
		q, err := ask.Recorded(record)
		if err != nil {
			return nil, err
		}
		return q.Resume(t.Context(), s, record)
	}, found)
	open(begin, func(n *ask.Session) {
		if n.Continue(record) {
			t.Error("a search that has ended is resumed")
		}
		judge(t, n, 1)
		record = n.Record()
	})
	open(begin, func(n *ask.Session) {
		if !n.Continue(record) {
			t.Error("the last search is not resumed")
		}
		found(n)
	})
}

func TestRecordOfTwoFoldsIsRejected(t *testing.T) {
	if _, err := ask.Recorded(&bisect.Record{Store: "a", Stream: "b", Folds: []string{"x", "y"}}); err == nil {
		t.Error("it is taken")
	}
}

// TestHostMayRejectCommands asks for a command on a host that runs none, and on one
// that does: the output of the command reaches the host.
func TestHostMayRejectCommands(t *testing.T) {
	var usage *workspace.UsageError
	w := workspace.New(workspace.Host{Dir: t.TempDir(), NoCommands: true}, workspace.Options{NoCache: true})
	q := ask.BisectRun{Search: judged, Command: "exit 0"}
	if _, err := q.Ask(t.Context(), w); err == nil {
		t.Error("no store is opened")
	}
	dir := t.TempDir()
	writeFiles(t, dir)
	w = workspace.New(workspace.Host{Dir: dir, NoCommands: true}, workspace.Options{NoCache: true})
	if _, err := q.Ask(t.Context(), w); !errors.As(err, &usage) {
		t.Errorf("the command returned %v", err)
	}
	var records []*bisect.Record
	q.Marked = func(r *bisect.Record) { records = append(records, r) }
	q.Command, q.Verify = "exit 3", true
	var notes []replay.Notice
	answer, err := q.Ask(t.Context(), newWorkspace(t).Begin(func(n replay.Notice) { notes = append(notes, n) }))
	if err != nil || answer.Verdict != bisect.AlwaysBad || len(records) != 3 || records[2].Run != "exit 3" || len(notes) == 0 || notes[0].Code != "test" {
		t.Errorf("the answer is %+v, with %d records and the notes %v: %v", answer, len(records), notes, err)
	}
}
