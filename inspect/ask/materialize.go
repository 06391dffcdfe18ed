package ask

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"asof/inspect/materialize"
	"asof/inspect/materialize/folder"
	"asof/inspect/materialize/postgres"
	"asof/inspect/materialize/redis"
	"asof/inspect/materialize/sqlitefile"
	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/workspace"
)

// Materialize keeps the states of a projection as a table in a database of their own.
type Materialize struct {
	workspace.StoreRef
	workspace.Folding
	At      string   `json:"at,omitempty" jsonschema:"the moment of the rows: a point of the store; default: now, which a later run continues"`
	To      string   `json:"to" jsonschema:"the SQLite file of the table, a folder with a / at its end for Parquet files, or the connection string of a PostgreSQL database or of Redis"`
	Shard   string   `json:"shard,omitempty" jsonschema:"only part I of N of the streams, as I/N, divided by a hash of the stream id, in a folder"`
	Model   string   `json:"model,omitempty" jsonschema:"the name of the table; default: that of the projection"`
	Columns []string `json:"columns,omitempty" jsonschema:"only these columns beside the stream; default: all"`
	Rebuild bool     `json:"rebuild,omitempty" jsonschema:"fold all streams again, also those without new events"`
}

// Materialized is the answer of [Materialize].
type Materialized struct {
	*materialize.Result
	To    string // without secrets
	Table string

	target materialize.Target
}

// JSON converts the answer.
func (m *Materialized) JSON() wire.Materialized {
	return wire.NewMaterialized(m.Result, m.To, m.Table)
}

// Check refuses what cannot be asked.
func (q Materialize) Check() error {
	if q.To == "" {
		return workspace.Usage(fault.Try("name a file, a folder/, postgres://USER@HOST/DATABASE or redis://HOST/0").With("to", "carts.sqlite"), "no target is given")
	}
	switch at := place.Parse(q.To); at.Kind() {
	case place.KindPath, place.KindPostgres, place.KindRedis:
	default:
		return workspace.Usage(fault.Try("name a file, a folder/, postgres://USER@HOST/DATABASE or redis://HOST/0").With("to", "carts.sqlite"), "asof cannot write to %s", at)
	}
	if _, err := ParseShard(q.Shard); err != nil {
		return err
	}
	if err := checkMoment(q.At); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In names the store.
func (q Materialize) In() workspace.StoreRef { return q.StoreRef }

// Ask writes the table. It is swapped in when the store is known to have been read whole.
func (q Materialize) Ask(ctx context.Context, w *workspace.Workspace) (answer *Materialized, err error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	var aside atomic.Pointer[Materialized] // a stuck question may still end
	err = w.Read(ctx, q.In(), func(s *workspace.Store) error {
		m, err := q.Of(ctx, s)
		aside.Swap(m).discard()
		return err
	})
	if answer = aside.Load(); err == nil {
		err = errors.Join(answer.Commit(), answer.target.Close())
	}
	if err != nil {
		answer.discard()
		return nil, err
	}
	return answer, nil
}

// discard undoes what was written. Its errors come after another.
func (m *Materialized) discard() {
	if m != nil {
		m.Discard()
		_ = m.target.Close()
	}
}

// Of writes the table aside. The caller commits or discards it.
func (q Materialize) Of(ctx context.Context, s *workspace.Store) (answer *Materialized, err error) {
	shard, err := ParseShard(q.Shard)
	if err != nil {
		return nil, err
	}
	err = withShard(ctx, s, q.Folding, q.At, shard, func(db *query.DB) error {
		p, err := db.Only()
		if err != nil {
			return err
		}
		if p.Many != nil && !shard.IsAll() {
			return workspace.Usagef("leave out the shard", "each state of %s depends on events of many streams: its streams cannot be divided", p.Name)
		}
		m := &Materialized{Table: cmp.Or(q.Model, p.Name), To: place.Parse(q.To).String()}
		if m.target, err = q.target(s, m.Table, shard); err != nil {
			return err
		}
		answer = m
		m.Result, err = q.run(ctx, s, db, p, m.target)
		return err
	})
	if err == nil {
		err = NoteLost(ctx, s)
	}
	if err != nil {
		answer.discard()
		return nil, err
	}
	return answer, nil
}

func (q Materialize) run(ctx context.Context, s *workspace.Store, db *query.DB, p *query.Projection, target materialize.Target) (*materialize.Result, error) {
	fold, err := foldIdentity(ctx, s.Workspace(), q.Folding, p.Name)
	if err != nil {
		return nil, err
	}
	meter := s.Workspace().Work("states", -1)
	defer meter.Done()
	job := materialize.Job{
		Export: func(known []string) *query.Export { return db.Export(p, known) },
		Target: target, Rebuild: q.Rebuild, Folded: func() { meter.Add(1) },
		Want: materialize.Checkpoint{
			Release: s.Workspace().Release(), Store: storeIdentity(s), Projection: p.Name, Fold: fold,
			AsOf: q.At, Chosen: q.Columns, Shard: q.Shard,
		},
	}
	return job.Run(ctx)
}

// target opens the target. It is none of the files that the question reads.
func (q Materialize) target(s *workspace.Store, table string, shard replay.Shard) (materialize.Target, error) {
	w := s.Workspace()
	files, err := w.Files() // a host that writes no files writes no tables either
	if err != nil {
		return nil, err
	}
	at := w.Location(q.To)
	if at.Kind() == place.KindPath && (os.IsPathSeparator(q.To[len(q.To)-1]) || isFolder(w.Path(q.To))) {
		return q.folder(w, files, shard)
	}
	if q.Shard != "" {
		return nil, workspace.Usage(fault.Try("name a folder, with a / at its end").With("to", "carts/"), "the parts of a store are written as files of one folder")
	}
	switch at.Kind() {
	case place.KindPostgres:
		store, _ := s.Opened()
		return postgres.Open(at, table, store)
	case place.KindRedis:
		return redis.Open(at, table+":")
	}
	path, err := files.Replace(w.Option("to"), q.To)
	if err != nil {
		return nil, err
	}
	return sqlitefile.Open(path, q.To, table)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// folder opens a folder of Parquet files.
func (q Materialize) folder(w *workspace.Workspace, files workspace.Files, shard replay.Shard) (materialize.Target, error) {
	if q.Model != "" || len(q.Columns) > 0 {
		return nil, workspace.Usagef("leave out the table and the columns: a Parquet reader chooses its own columns", "a folder has all columns of one projection, and no named table")
	}
	path, err := files.Folder(q.To)
	if err != nil {
		return nil, err
	}
	return folder.Open(path, q.To, shard)
}

// storeIdentity identifies a store and how it is read.
func storeIdentity(s *workspace.Store) string {
	at, ref := s.Opened()
	dir := s.Workspace().Path(".")
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	ref.Store, ref.Copy = at.In(dir).String(), false
	return hashed(ref, s.Info().Dialect)
}

// foldIdentity identifies how events become states; empty: nothing does, because the fold
// may depend on more than the events.
func foldIdentity(ctx context.Context, w *workspace.Workspace, how workspace.Folding, name string) (string, error) {
	proj, err := w.Project()
	if err != nil {
		return "", err
	}
	var f *workspace.Fold
	var selects any
	if how.Fold == "" && proj != nil && len(proj.Projections) > 0 {
		p, err := proj.Projection(name)
		if err != nil {
			return "", err
		}
		selects = []any{p.Streams, p.Categories}
		f, err = w.OpenProjection(p, how)
		if err != nil {
			return "", err
		}
	} else if f, err = w.FoldFor(ctx, "", "", how); err != nil {
		return "", err
	}
	defer f.Close()
	id, ok := f.Identity()
	if !ok {
		return "", nil
	}
	return hashed(id, f.ArrayKeys, how.Strict, selects), nil
}

// hashed is the SHA-256 of values, in hexadecimal.
func hashed(values ...any) string {
	b, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("hash: %v", err)) // plain values
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
