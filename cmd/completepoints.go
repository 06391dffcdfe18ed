package cmd

import (
	"math"
	"strconv"
	"strings"

	"asof/cmd/render"
	"asof/replay"
	"asof/replay/workspace"
)

// newest is how many versions are offered before the user has typed a digit.
const newest = 20

// versions offers versions of a stream with time, type and actor: the newest ones, or
// those that begin with the typed digits.
func (a *app) versions(s *workspace.Store, stream, word string) []string {
	if strings.HasPrefix(stream, "proj:") || strings.Trim(word, "0123456789") != "" {
		return nil
	}
	t, err := s.Unfolded(a.ctx, stream)
	if err != nil {
		return nil
	}
	if word == "" {
		return a.described(t, replay.Listing{Reverse: true, Limit: newest}, nil)
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n == 0 && len(word) > 1 {
		return nil
	}
	last := replay.Version(-1)
	for e, err := range t.Timeline.List(a.ctx, replay.Listing{Reverse: true, Limit: 1, Skip: replay.FieldData}) {
		if err != nil {
			return nil
		}
		last = e.Version
	}
	var out []string
	lo, hi := n, n // 4, 40 to 49, 400 to 499 …
	for lo <= int64(last) && len(out) < mostCompleted {
		span := replay.Between(replay.Version(lo), replay.Version(hi))
		out = a.described(t, replay.Listing{Span: span, Limit: mostCompleted - len(out)}, out)
		if n == 0 || lo > math.MaxInt64/10 || hi > (math.MaxInt64-9)/10 {
			break
		}
		lo, hi = lo*10, hi*10+9
	}
	return out
}

// described appends events as completions: the version, and what happened then.
func (a *app) described(t *workspace.Target, l replay.Listing, out []string) []string {
	l.Skip = replay.FieldData | replay.FieldID
	for e, err := range t.Timeline.List(a.ctx, l) {
		if err != nil {
			break
		}
		about := []string{e.Type}
		if !e.Time.IsZero() {
			about = append(about, e.Time.In(a.zone).Format("2006-01-02 15:04:05"))
		}
		if e.Meta.Actor != "" {
			about = append(about, e.Meta.Actor)
		}
		out = append(out, strconv.FormatInt(int64(e.Version), 10)+"\t"+render.Safe(strings.Join(about, "  ")))
	}
	return out
}
