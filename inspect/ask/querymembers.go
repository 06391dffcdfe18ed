package ask

import (
	"encoding/json"
	"io"

	"asof/replay/snapshot"
	"asof/replay/workspace"
)

// keptMembers keeps the members of a projection's states in the cache.
type keptMembers struct {
	t     *tables
	name  string // of the projection
	folds *workspace.Folds

	scan  *snapshot.Scan // nil: nothing may be kept
	begun bool
}

// open finds the place in the cache.
func (k *keptMembers) open() *snapshot.Scan {
	c := k.t.s.Workspace().Cache()
	if k.begun || c == nil {
		return k.scan
	}
	k.begun = true
	fold, err := foldIdentity(k.t.ctx, k.t.s.Workspace(), k.t.how, k.name)
	if err != nil || fold == "" {
		return nil // the question itself reports the error
	}
	k.scan = c.Scan(k.t.s.Reader, []string{"members 1", k.name, fold}, snapshot.About{Columns: k.name})
	return k.scan
}

// Load implements [query.MemberKeeper].
func (k *keptMembers) Load() (names []string, ok bool) {
	scan := k.open()
	if scan == nil {
		return nil, false
	}
	scan.Load(func(found io.Reader, proved bool) error {
		if !proved {
			return nil
		}
		var raw [][]byte // names need not be UTF-8
		if err := json.NewDecoder(found).Decode(&raw); err != nil {
			return err
		}
		for _, name := range raw {
			names = append(names, string(name))
		}
		ok = true
		return nil
	})
	return names, ok
}

// Save implements [query.MemberKeeper]. Nothing is kept after a warning of the fold, which
// a question that has the list would not repeat.
func (k *keptMembers) Save(names []string) {
	scan := k.open()
	if scan == nil || k.folds.Warned() {
		return
	}
	raw := make([][]byte, len(names))
	for i, name := range names {
		raw[i] = []byte(name)
	}
	scan.Save(func(w io.Writer) error { return json.NewEncoder(w).Encode(raw) })
}
