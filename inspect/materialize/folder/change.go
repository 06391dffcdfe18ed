package folder

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"asof/inspect/materialize"
	"asof/inspect/materialize/aside"
	"asof/inspect/parquetfile"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A change is a folder of a shard that is being written.
type change struct {
	ctx   context.Context
	t     *Target
	plan  materialize.Plan
	aside *aside.Folder
	rows  *parquetfile.Rows
	heads map[replay.StreamID]string // of the rows that were put
}

// Begin implements materialize.Target.
func (t *Target) Begin(ctx context.Context, p materialize.Plan) (materialize.Change, error) {
	if err := os.Mkdir(t.root, 0o777); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, t.wrong("write", err)
	}
	c := &change{ctx: ctx, t: t, plan: p, heads: map[replay.StreamID]string{}}
	var err error
	if c.rows, err = parquetfile.NewRows(); err != nil {
		return nil, err
	}
	c.rows.Quoted = true
	if c.aside, err = aside.Make(t.part); err == nil {
		err = os.Mkdir(c.aside.Next(), 0o777)
	}
	if err != nil {
		c.Discard()
		return nil, t.wrong("write", err)
	}
	return c, nil
}

// Put implements materialize.Change.
func (c *change) Put(row []state.Value, h materialize.Head) error {
	values := make([]any, len(row))
	for i, v := range row {
		values[i] = valueOf(v, c.plan.Columns[i].Whole)
	}
	c.heads[h.Stream] = h.Text
	return c.rows.Add(values)
}

// A file is a table of the shard.
type file struct {
	name    string
	rows    *parquetfile.Rows
	cols    []parquetfile.Column
	members []*string // of each column; nil: it is none
	n       int64     // rows, after write
}

// add adds a column. A nil member is none.
func (f *file) add(c parquetfile.Column, isMember bool, member string) {
	of := &member
	if !isMember {
		of = nil
	}
	f.cols, f.members = append(f.cols, c), append(f.members, of)
}

// Finish implements materialize.Change.
func (c *change) Finish(cp *materialize.Checkpoint) (rows int64, err error) {
	if c.plan.Onto != nil && c.plan.History == nil {
		cp.History, cp.Changes = c.plan.Onto.History, c.plan.Onto.Changes
		if err := c.link(); err != nil {
			return 0, c.t.wrong("write", err)
		}
		return c.plan.Onto.Rows, c.manifest(cp)
	}
	files := c.files()
	for i := range files {
		if c.plan.Onto != nil {
			if err := c.keep(&files[i]); err != nil {
				return 0, c.t.wrong("read", err)
			}
		}
		if err := c.write(&files[i], cp); err != nil {
			return 0, err
		}
	}
	if err := c.writeHeads(); err != nil {
		return 0, c.t.wrong("write", err)
	}
	cp.History, cp.Changes = files[1].n, files[2].n
	return files[0].n, c.manifest(cp)
}

func (c *change) files() []file {
	trail := c.t.trail
	if trail.cols == nil { // no event was folded
		member := func(col query.ExportedColumn) bool { return col.IsMember }
		trail.Begin(slices.DeleteFunc(slices.Clone(c.plan.History), member), c.plan.Changes)
	}
	states := file{name: "states", rows: c.rows}
	for i, col := range c.plan.Columns {
		one := parquetfile.Column{Name: col.Name, From: i}
		if !col.IsMember {
			one.Empty = empty(col.Kind == materialize.KindInteger)
		}
		states.add(one, col.IsMember, col.Member)
	}
	history := file{name: "history", rows: trail.history}
	for i, col := range c.plan.History {
		one := parquetfile.Column{Name: col.Name, From: i, Empty: empty(col.Integer)}
		if col.IsMember {
			one.From, one.Empty = trail.member(col.Member), ""
		}
		history.add(one, col.IsMember, col.Member)
	}
	changes := file{name: "changes", rows: trail.changes}
	for i, col := range c.plan.Changes {
		changes.add(parquetfile.Column{Name: col.Name, From: i, Empty: empty(col.Integer)}, false, "")
	}
	return []file{states, history, changes}
}

// empty is the type of a column without values. That of a member is left open, for other
// shards have values.
func empty(integer bool) parquetfile.Type {
	if integer {
		return parquetfile.Int64
	}
	return parquetfile.String
}

// keep adds the rows that a file has of streams that were not folded again.
func (c *change) keep(f *file) error {
	old, err := openPart(c.t.part, f.name)
	if err != nil {
		return err
	}
	defer old.close()
	return old.copy(c.ctx, f, func(stream string) bool {
		_, again := c.heads[replay.StreamID(stream)]
		return !again
	})
}

// write writes a file, and counts its rows.
func (c *change) write(f *file, cp *materialize.Checkpoint) error {
	if err := writeTable(c.ctx, c.aside.Next(), f, cp.Projection); err != nil {
		return c.t.wrong("write", err)
	}
	if f.n != f.rows.Len() {
		return &materialize.CountError{Written: f.rows.Len(), Counted: f.n}
	}
	return nil
}

// toDisk waits until a file is on the disk. Tests of many small folders do not.
var toDisk = (*os.File).Sync

// create writes a file that is on the disk afterwards.
func (c *change) create(path string, f func(io.Writer) error) error { return create(c.ctx, path, f) }

func create(ctx context.Context, path string, f func(io.Writer) error) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(ended{ctx, out}, 1<<16)
	if err = f(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = toDisk(out)
	}
	return errors.Join(err, out.Close())
}

// ended is a writer that stops when a context ends.
type ended struct {
	ctx context.Context
	io.Writer
}

func (e ended) Write(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.Writer.Write(p)
}

// writeHeads writes the heads of all rows, in the order of streams.
func (c *change) writeHeads() error {
	heads := maps.Clone(c.heads)
	if c.plan.Onto != nil {
		for h, err := range c.t.Heads(c.ctx) {
			if err != nil {
				return err
			}
			if _, again := heads[h.Stream]; !again {
				heads[h.Stream] = h.Text
			}
		}
	}
	return c.create(filepath.Join(c.aside.Next(), headsName), func(w io.Writer) error {
		e := json.NewEncoder(w)
		for _, id := range slices.Sorted(maps.Keys(heads)) {
			if err := e.Encode([2][]byte{[]byte(id), []byte(heads[id])}); err != nil {
				return err
			}
		}
		return nil
	})
}

// link takes over the files of the shard, which have the same rows as before.
func (c *change) link() error {
	for _, name := range []string{"states.parquet", "history.parquet", "changes.parquet", headsName} {
		if err := takeOver(c.ctx, c.t.part, c.aside.Next(), name); err != nil {
			return err
		}
	}
	return nil
}

// takeOver gives a file a name in another folder, too. If the file system has no links, it
// copies it.
func takeOver(ctx context.Context, from, to, name string) error {
	if os.Link(filepath.Join(from, name), filepath.Join(to, name)) == nil {
		return nil
	}
	in, err := os.Open(filepath.Join(from, name))
	if err != nil {
		return err
	}
	err = create(ctx, filepath.Join(to, name), func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	return errors.Join(err, in.Close())
}

func (c *change) manifest(cp *materialize.Checkpoint) error {
	text, err := manifestOf(cp, c.t.shard).encode()
	if err == nil {
		err = c.create(filepath.Join(c.aside.Next(), manifestName), func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	}
	if err != nil {
		return c.t.wrong("write", err)
	}
	return nil
}

// Commit implements materialize.Change.
func (c *change) Commit() error {
	defer c.Discard()
	_, now, err := readManifest(c.t.part)
	if err != nil {
		return c.t.wrong("read", err)
	}
	if !bytes.Equal(now, c.t.was) {
		return c.t.refuse("another process changed it meanwhile", fault.Try("run again"))
	}
	// The manifest of all shards never says more than what is there.
	if err = ignoreMissing(os.Remove(filepath.Join(c.t.root, manifestName))); err == nil {
		err = c.aside.Swap()
	}
	if err == nil {
		_ = syncFolder(c.t.root) // not every system can
		err = c.t.settle(c.ctx)
	}
	if err != nil {
		return c.t.wrong("write", err)
	}
	return nil
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(toDisk(f), f.Close())
}

// Discard implements materialize.Change.
func (c *change) Discard() {
	if c.rows != nil {
		c.rows.Close()
		c.rows = nil
	}
	if c.aside != nil {
		c.aside.Remove()
		c.aside = nil
	}
}

var _ query.Trail = (*trail)(nil)
