package ask

import (
	"context"

	"asof/inspect/check"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// MergeReports merges the reports of a sharded check into the report of a check of the
// whole store. It opens no store.
type MergeReports struct {
	Files []string `json:"files" jsonschema:"files with the JSON reports of all the shards; a file may hold several"`
}

// Check rejects an invalid request.
func (q MergeReports) Check() error {
	if len(q.Files) == 0 {
		return workspace.Usagef("name the files with the reports", "no report given")
	}
	return nil
}

// Ask answers the question.
func (q MergeReports) Ask(_ context.Context, w *workspace.Workspace) (*check.Report, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	var all []*check.Report
	for _, name := range q.Files {
		reports, err := readReports(w, name)
		if err != nil {
			return nil, err
		}
		all = append(all, reports...)
	}
	merged, err := check.Merge(all)
	if err == nil {
		w.Notices(merged.Incomplete.Notices())
	}
	return merged, err
}

func readReports(w *workspace.Workspace, name string) ([]*check.Report, error) {
	f, err := w.OpenFile(name, "a report")
	if err != nil {
		return nil, workspace.Usage(fault.Try("name a file with reports").By("check").With("json"), "%v", err)
	}
	defer f.Close() //nolint:errcheck // only read
	if name == "-" {
		name = "standard input"
	}
	return check.ReadReports(name, f)
}
