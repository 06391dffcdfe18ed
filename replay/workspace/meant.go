package workspace

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"

	"asof/replay"
)

// pointSigns separate a stream and a point in other tools, and by a slip.
const pointSigns = "@:#/^~ !?"

var looksLikeID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:[0-9a-f]{4}[0-9a-f-]{4,32}|[0-9A-HJKMNP-TV-Z]{26})$`)
})

// meantStream returns how a name that is not a stream is written, if it can only be one
// stream: the name is in quotes or in other case, has a point after another sign than
// @, or is the id of an event.
func (s *Store) meantStream(ctx context.Context, name string, ids []string) (string, error) {
	known, folded := make(map[string]bool, len(ids)), make(map[string]string, len(ids))
	for _, id := range ids {
		known[id] = true
		if f := foldName(id); folded[f] == "" {
			folded[f] = id
		} else {
			folded[f] = "\x00" // several
		}
	}
	is := func(text string) string {
		text = strings.Trim(text, " \t'\"/")
		if known[text] {
			return text
		}
		if id := folded[foldName(text)]; id != "" && id != "\x00" {
			return id
		}
		return ""
	}
	if id := is(name); id != "" {
		return id, nil
	}
	for i := len(name) - 1; i > 0; i-- {
		if !strings.ContainsRune(pointSigns, rune(name[i])) {
			continue
		}
		id := is(strings.TrimRight(name[:i], pointSigns))
		if id == "" {
			continue
		}
		ways := []string{name[i+1:], strings.Trim(name[i+1:], "'\"")}
		if name[i] == '~' || name[i] == '^' { // the sign is a part of the point
			ways = []string{name[len(strings.TrimRight(name[:i+1], "~^")):]}
		}
		for _, at := range ways {
			if right := s.meantPoint(at); right != "" {
				return id + "@" + right, nil
			}
		}
	}
	if id := strings.TrimPrefix(strings.TrimPrefix(name, "event:"), "id="); looksLikeID().MatchString(id) && s.Info().Has("ids") {
		e, err := replay.FindEvent(ctx, s.Reader, id)
		if err == nil {
			return string(e.Stream) + "@" + replay.AtVersion(e.Version).String(), nil
		}
		return "", ctx.Err()
	}
	return "", nil
}

// meantPoint returns a point or a range as it is written, or "" if the text means none.
func (s *Store) meantPoint(text string) string {
	if text == "" {
		return ""
	}
	_, err := replay.ParseRange(text, s.w.Env())
	if err == nil {
		return text
	}
	var bad *replay.PointError
	if errors.As(err, &bad) && len(bad.Near) == 1 {
		return bad.Near[0]
	}
	return ""
}

// foldName is a name without the differences that people do not see or type.
func foldName(name string) string {
	return strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(name))
}
