package replay

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// A Shard is one of several parts of a store's streams, for processes that share a
// question about all of them. The shard of a stream depends only on the MD5 of its
// id, which every SQL engine can compute: shards are equal ranges of it. The zero
// Shard is everything.
type Shard struct {
	Index, Of int // Index is from 1 to Of
}

// maxShards bounds the number of shards.
const maxShards = 1 << 16

// ParseShard parses "2/8", the second shard of eight.
func ParseShard(s string) (Shard, error) {
	i, n, ok := strings.Cut(s, "/")
	index, err := strconv.Atoi(i)
	of, err2 := strconv.Atoi(n)
	if !ok || err != nil || err2 != nil || index < 1 || index > of || of > maxShards {
		return Shard{}, fmt.Errorf("a shard is I/N, with I from 1 to N, and N at most %d", maxShards)
	}
	return Shard{index, of}, nil
}

// String formats the shard for [ParseShard]; the zero Shard is empty.
func (s Shard) String() string {
	if s.IsAll() {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}

// IsAll reports whether the shard is everything.
func (s Shard) IsAll() bool { return s.Of <= 1 }

// Range returns the range of MD5 digests, in hexadecimal, of the streams in the
// shard: lo is included and hi is not. An open end is empty.
func (s Shard) Range() (lo, hi string) {
	if s.IsAll() {
		return "", ""
	}
	if s.Index > 1 {
		lo = shardBound(s.Index-1, s.Of)
	}
	if s.Index < s.Of {
		hi = shardBound(s.Index, s.Of)
	}
	return lo, hi
}

// shardBound returns the end of part i of n: the first digits of a digest.
func shardBound(i, n int) string {
	q, _ := bits.Div64(uint64(i), 0, uint64(n))
	return fmt.Sprintf("%016x", q)
}

// Has reports whether a stream is in the shard.
func (s Shard) Has(id StreamID) bool {
	sum := md5.Sum([]byte(id))
	digest := hex.EncodeToString(sum[:])
	lo, hi := s.Range()
	return digest >= lo && (hi == "" || digest < hi)
}

// A Sharder is a [Reader] that can read a shard without reading the whole store.
type Sharder interface {
	Sharded(Shard) Reader
}

// Sharded returns a reader of the streams in the shard. Closing it closes r.
func Sharded(r Reader, s Shard) Reader {
	if s.IsAll() {
		return r
	}
	if own, ok := r.(Sharder); ok {
		return own.Sharded(s)
	}
	return &sharded{Reader: r, shard: s}
}

// sharded skips the streams of other shards.
type sharded struct {
	Reader
	shard Shard
}

func (r *sharded) Streams(ctx context.Context, q StreamQuery) iter.Seq2[Stream, error] {
	limit := q.Limit
	q.Limit = 0
	return func(yield func(Stream, error) bool) {
		n := 0
		for s, err := range r.Reader.Streams(ctx, q) {
			if err == nil && !r.shard.Has(s.ID) {
				continue
			}
			n++
			if !yield(s, err) || n == limit {
				return
			}
		}
	}
}

func (r *sharded) Events(ctx context.Context, q Query) iter.Seq2[*Event, error] {
	limit := q.Limit
	q.Limit = 0
	return func(yield func(*Event, error) bool) {
		n := 0
		has := map[StreamID]bool{}
		for e, err := range r.Reader.Events(ctx, q) {
			if err != nil {
				yield(nil, err)
				return
			}
			in, known := has[e.Stream]
			if !known {
				if len(has) == maxKnownStreams {
					clear(has)
				}
				in = r.shard.Has(e.Stream)
				has[e.Stream] = in
			}
			if !in {
				continue
			}
			n++
			if !yield(e, nil) || n == limit {
				return
			}
		}
	}
}

// maxKnownStreams bounds the streams whose shard is cached.
const maxKnownStreams = 1 << 16

// Summary counts the content of the shard. LeftOut stays empty, because it is known
// only for the whole store.
func (r *sharded) Summary(ctx context.Context) (Summary, error) {
	var s Summary
	for st, err := range r.Streams(ctx, StreamQuery{}) {
		if err != nil {
			return Summary{}, err
		}
		s.Streams++
		if st.Category != "" && !slices.Contains(s.Categories, st.Category) {
			s.Categories = append(s.Categories, st.Category)
		}
	}
	slices.Sort(s.Categories)
	types := map[TypeCount]int64{}
	for e, err := range r.Events(ctx, Query{Order: ByStream, Skip: FieldID | FieldMeta | FieldData}) {
		if err != nil {
			return Summary{}, err
		}
		s.Events++
		types[TypeCount{Type: e.Type, Revision: e.Revision}]++
		if s.FirstTime.IsZero() || !e.Time.IsZero() && e.Time.Before(s.FirstTime) {
			s.FirstTime = e.Time
		}
		if e.Time.After(s.LastTime) {
			s.LastTime = e.Time
		}
	}
	for t, n := range types {
		t.Events = n
		s.Types = append(s.Types, t)
	}
	slices.SortFunc(s.Types, func(a, b TypeCount) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return a.Revision - b.Revision
	})
	return s, nil
}
