package jsonfile

import (
	"bytes"
	"context"
	"io"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A pass is what the first pass learned of a file. Readers of the same content share it,
// and none writes to it.
type pass struct {
	idx   *index
	form  form
	times *cell.Times
	info  replay.Info

	size       int64
	mod        time.Time
	head, tail []byte
}

// indexOnce indexes the file, unless an earlier question of the process indexed the same
// content and its index was kept.
func (r *reader) indexOnce(ctx context.Context, text io.Reader) error {
	if err := r.pointers(); err != nil {
		return r.src.Fail("open", err)
	}
	if r.options.Indexes == nil || !r.src.inPlace {
		return r.index(ctx, text)
	}
	store, content := source.StoreID(r.src.Path, r.options.Dialect, &r.options), source.ContentID(r.src.file)
	if p, ok := r.options.Indexes.Find(store, content).(*pass); ok && r.resume(p) {
		return nil
	}
	if err := r.index(ctx, text); err != nil {
		return err
	}
	// What was read is of that content only if the file still has it.
	if content == source.ContentID(r.src.file) {
		p := &pass{
			idx: r.idx, form: r.form, times: r.times.Clone(), info: cloneInfo(r.info),
			size: r.src.size, mod: r.src.mod, head: r.src.head, tail: r.src.tail,
		}
		r.options.Indexes.Keep(store, content, r.idx.bytes(), p)
	}
	return nil
}

// resume takes over an earlier pass, unless the ends of the file differ from what it read.
func (r *reader) resume(p *pass) bool {
	s := r.src
	if s.size != p.size || !s.mod.Equal(p.mod) {
		return false
	}
	head, tail, err := s.ends()
	if err != nil || !bytes.Equal(head, p.head) || !bytes.Equal(tail, p.tail) {
		return false
	}
	s.head, s.tail = head, tail
	r.idx, r.form, r.times, r.info = p.idx, p.form, p.times.Clone(), cloneInfo(p.info)
	return true
}

func cloneInfo(i replay.Info) replay.Info {
	i.LeftOut, i.Lacks = slices.Clone(i.LeftOut), slices.Clone(i.Lacks)
	return i
}

// Approximate sizes in memory, in bytes.
const (
	recordSize      = 48 + 4 // with its place in a stream
	streamSize      = 100
	typeSize        = 100
	farSize         = 100
	transactionSize = 300
)

// bytes is about the memory that the index takes.
func (x *index) bytes() int64 {
	n := int64(len(x.recs)) * recordSize
	for i := range x.streams {
		s := &x.streams[i]
		n += int64(streamSize + len(s.id) + len(s.own) + len(s.scope) + len(s.category))
	}
	for _, t := range x.types {
		n += int64(typeSize + len(t))
	}
	for i := range x.transactions {
		n += int64(transactionSize + x.transactions[i].size)
	}
	return n + int64(len(x.far))*farSize
}
