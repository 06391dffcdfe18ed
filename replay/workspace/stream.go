package workspace

import (
	"context"
	"strings"

	"asof/replay"
	"asof/replay/fault"
)

// findStream finds the stream of that name, or else the one stream that the name is
// a prefix of, or else that of the event "id:ID". Streams may have an @ in their
// names, so each reading is tried.
func (s *Store) findStream(ctx context.Context, name string) (found replay.Stream, at string, hasAt bool, err error) {
	ways := replay.SplitAddress(name)
	for _, way := range ways {
		if found, ok, err := s.Stream(ctx, replay.StreamID(way.Stream)); ok || err != nil {
			return found, way.At, way.HasAt, err
		}
	}
	for _, way := range ways {
		if way.Stream == "" {
			continue
		}
		found, ok, err := s.byPrefix(ctx, way.Stream)
		if ok || err != nil {
			return found, way.At, way.HasAt, err
		}
	}
	if id, ok := strings.CutPrefix(name, "id:"); ok && id != "" {
		found, at, err = s.byEvent(ctx, id)
		return found, at, true, err
	}
	return found, "", false, s.noStream(ctx, ways)
}

// Stream returns the stream of that id, if it exists, with what its first event
// says: counting its events would take longer than most questions.
func (s *Store) Stream(ctx context.Context, id replay.StreamID) (found replay.Stream, ok bool, err error) {
	q := replay.Query{Streams: []replay.StreamID{id}, Limit: 1, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID}
	for e, err := range s.Reader.Events(ctx, q) {
		if err != nil {
			return found, false, err
		}
		return replay.Stream{ID: e.Stream, Category: e.Category, First: e.Version, FirstTime: e.Time}, true, nil
	}
	return found, false, nil
}

// byPrefix returns the one stream that begins so.
func (s *Store) byPrefix(ctx context.Context, prefix string) (found replay.Stream, ok bool, err error) {
	const listed = 5
	var all []replay.Stream
	for one, err := range s.Reader.Streams(ctx, replay.StreamQuery{Prefix: prefix, Limit: listed + 1, IDsOnly: true}) {
		if err != nil {
			return found, false, err
		}
		all = append(all, one)
	}
	switch len(all) {
	case 0:
		return found, false, nil
	case 1:
		return s.Stream(ctx, all[0].ID)
	}
	e := &replay.AmbiguousError{Kind: "stream", Name: prefix, More: len(all) > listed}
	for _, one := range all[:min(listed, len(all))] {
		e.Matches = append(e.Matches, string(one.ID))
	}
	return found, false, e
}

// byEvent finds the stream of the one event whose id begins so, and its point there.
func (s *Store) byEvent(ctx context.Context, id string) (found replay.Stream, at string, err error) {
	e, err := replay.FindEvent(ctx, s.Reader, id)
	if err != nil {
		return found, "", err
	}
	found, _, err = s.Stream(ctx, e.Stream)
	return found, replay.AtVersion(e.Version).String(), err
}

// noStream says that there is no such stream, and suggests the nearest.
func (s *Store) noStream(ctx context.Context, ways []replay.Address) error {
	const most = 100_000             // streams that are looked at for a suggestion
	want := ways[len(ways)-1].Stream // without the part behind the first @
	if want == "" {
		want = ways[0].Stream
	}
	var ids []string
	for one, err := range s.Reader.Streams(ctx, replay.StreamQuery{IDsOnly: true, Limit: most}) {
		if err != nil {
			return err
		}
		ids = append(ids, string(one.ID))
	}
	path := s.Info().Path
	e := &replay.NotFoundError{Kind: "stream", Name: want, In: path, Near: nearStreams(want, ids)}
	e.Next = fault.Try("list its streams").By("streams", path)
	if len(ids) == 0 {
		e.Next = fault.Try("the store has no streams")
	}
	return e
}

// nearStreams suggests streams: those of that id in another context, source or
// type, or else those that are spelled alike.
func nearStreams(want string, ids []string) []string {
	const most = 3
	var near []string
	for _, id := range ids {
		if strings.HasSuffix(id, "/"+want) && len(near) < most {
			near = append(near, id)
		}
	}
	if near == nil {
		near = fault.Near(want, ids, most)
	}
	return near
}

// Quoted is a word as it is typed in a shell.
func Quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-~^", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 && word[0] != '~' {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
