package ask

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"asof/inspect/query"
	"asof/inspect/wire"
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

// read returns what is kept, and whether the store is still the one that it was found in.
func (k *keptMembers) read(scan *snapshot.Scan) (names []string, proved, ok bool) {
	ok = scan.Load(func(found io.Reader, same bool) error {
		var raw [][]byte // names need not be UTF-8
		if err := json.NewDecoder(found).Decode(&raw); err != nil {
			return err
		}
		for _, name := range raw {
			names = append(names, string(name))
		}
		proved = same
		return nil
	})
	return names, proved, ok
}

// Load implements [query.MemberKeeper].
func (k *keptMembers) Load() (names []string, ok bool) {
	scan := k.open()
	if scan == nil {
		return nil, false
	}
	names, proved, ok := k.read(scan)
	if !proved {
		return nil, false
	}
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

// verifyMembers compares the kept columns of each table with those of all states, and
// removes those that differ. They are stale if the store may have changed since.
func verifyMembers(ctx context.Context, s *workspace.Store, how workspace.Folding) (proofs []wire.TableProof, err error) {
	t := tablesOf(ctx, s, how, "")
	defer t.close()
	if err := t.all(); err != nil {
		return nil, err
	}
	keepers, kept := map[*query.Projection]*keptMembers{}, false
	for i := range t.to.Projections {
		p := &t.to.Projections[i]
		k, _ := p.Members.(*keptMembers)
		p.Members = nil // they are found anew
		if k != nil && k.open() != nil {
			_, _, ok := k.read(k.scan)
			keepers[p], kept = k, kept || ok
		}
	}
	if !kept {
		return nil, nil
	}
	err = t.open(func(db *query.DB) error {
		for i := range t.to.Projections {
			p := &t.to.Projections[i]
			proof, err := keepers[p].verify(db, p)
			if err != nil {
				return err
			}
			if proof != nil {
				proofs = append(proofs, *proof)
			}
		}
		return nil
	})
	return proofs, err
}

// verify compares the kept columns of a table with those of all states; nil: none are kept.
func (k *keptMembers) verify(db *query.DB, p *query.Projection) (*wire.TableProof, error) {
	if k == nil {
		return nil, nil
	}
	names, proved, ok := k.read(k.scan)
	if !ok {
		return nil, nil
	}
	found, err := db.Members(p)
	if err != nil {
		return nil, err
	}
	proof := wire.TableProof{Table: p.Name, Columns: len(names)}
	if !slices.Equal(found, names) {
		proof.Stale, proof.Wrong = !proved, proved
		k.scan.Drop()
	}
	return &proof, nil
}
