package ask

import (
	"context"

	"asof/inspect/audit"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// Seal seals the new events of a store, after proving that the sealed ones are
// unchanged.
type Seal struct {
	workspace.StoreRef
	Log     string `json:"log" jsonschema:"folder of the log"`
	Key     string `json:"key,omitempty" jsonschema:"file with the private key; default ASOF_AUDIT_KEY"`
	Witness string `json:"witness,omitempty" jsonschema:"file kept elsewhere with the newest checkpoint, which the log must continue"`
}

// Check rejects an invalid request.
func (q Seal) Check() error {
	if q.Log == "" {
		return workspace.Usage(fault.Try("name a folder").With("log", "seals/"), "no folder given for the log")
	}
	return q.StoreRef.Check()
}

// In returns the store.
func (q Seal) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Seal) Ask(ctx context.Context, w *workspace.Workspace) (*audit.Sealed, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store. It seals nothing if there are findings.
func (q Seal) Of(ctx context.Context, s *workspace.Store) (*audit.Sealed, error) {
	w := s.Workspace()
	files, err := w.Files()
	if err != nil {
		return nil, err
	}
	seal := audit.Seal{Reader: s.Reader}
	if seal.Key, err = signingKey(ctx, w, q.Key); err != nil {
		return nil, err
	}
	log, err := files.Folder(q.Log, "checkpoint", "checkpoints", "tile")
	if err != nil {
		return nil, err
	}
	if q.Witness != "" {
		if seal.Witness, err = files.Replace(w.Option("witness"), q.Witness); err != nil {
			return nil, err
		}
	}
	answer, err := seal.Run(ctx, log)
	if err != nil {
		return nil, err
	}
	answer.Log = q.Log
	return answer, nil
}
