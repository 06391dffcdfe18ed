package mcp

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"asof/replay"
)

// mostStreams bounds the list of streams that is kept of a store.
const mostStreams = 200_000

// A keptReader answers from what is kept of a store as long as the store is the same file:
// its list of streams, and the counts of its types.
type keptReader struct {
	replay.Reader
	server *Server
	print  replay.Fingerprint
}

// keeping returns the reader of a store that answers from what is kept of it.
func (c *call) keeping(r replay.Reader) replay.Reader {
	f, ok := fingerprint(r)
	if !ok {
		return r
	}
	return &keptReader{r, c.server, f}
}

// Fingerprint returns the fingerprint of the store.
func (r *keptReader) Fingerprint() (replay.Fingerprint, bool) { return r.print, true }

// Types returns the counts of the kept description.
func (r *keptReader) Types() ([]replay.TypeCount, bool) {
	d, ok := r.server.descriptions.load(r.print)
	if !ok {
		return nil, false
	}
	return d.info.Summary.Types, true
}

// Streams lists the kept streams, or keeps them if all are listed.
func (r *keptReader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	if q.Prefix != "" {
		return r.Reader.Streams(ctx, q)
	}
	if all, ok := r.server.streams.load(r.print); ok {
		return listStreams(all, q)
	}
	if q.IDs != nil || len(q.Categories) > 0 || q.After != "" || q.Reverse || q.Limit > 0 || q.IDsOnly {
		return r.Reader.Streams(ctx, q)
	}
	return func(yield func(replay.Stream, error) bool) {
		all := []replay.Stream{}
		for s, err := range r.Reader.Streams(ctx, q) {
			if err == nil && len(all) <= mostStreams {
				all = append(all, s)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
		if len(all) <= mostStreams {
			r.server.streams.store(r.print, all)
		}
	}
}

// listStreams yields the streams that a query selects, of all, which are ordered by id.
func listStreams(all []replay.Stream, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	if q.IDs != nil {
		all = withIDs(all, q.IDs)
	}
	return func(yield func(replay.Stream, error) bool) {
		n := 0
		see := func(s replay.Stream) (more bool) {
			if !q.Follows(s.ID) || len(q.Categories) > 0 && !slices.Contains(q.Categories, s.Category) {
				return true
			}
			n++
			return yield(s, nil) && n != q.Limit
		}
		if q.Reverse {
			for _, s := range slices.Backward(all) {
				if !see(s) {
					return
				}
			}
			return
		}
		for _, s := range all {
			if !see(s) {
				return
			}
		}
	}
}

// withIDs returns the streams with these ids, of all, which are ordered by id.
func withIDs(all []replay.Stream, ids []replay.StreamID) (found []replay.Stream) {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		i, ok := slices.BinarySearchFunc(all, id, func(s replay.Stream, id replay.StreamID) int { return cmp.Compare(s.ID, id) })
		if ok {
			found = append(found, all[i])
		}
	}
	return found
}
