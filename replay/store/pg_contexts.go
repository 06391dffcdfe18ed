package store

import (
	"fmt"
	"strings"
)

// inContexts keeps the streams of several applications apart that one table
// holds, unless one of them is chosen.
func (p *pgProbe) inContexts(l *layout, t *table, column string, contexts []string) error {
	chosen, err := p.opts.choose(contexts)
	if err != nil {
		return err
	}
	l.contexts = contexts
	if len(contexts) < 2 {
		return nil
	}
	e := ref("e", t, column)
	if len(chosen) > 1 {
		l.prefixed(e, chosen)
		l.recognised += fmt.Sprintf("; of %d applications or tenants, whose streams begin with the name: %s", len(chosen), listed(chosen, 5))
		return nil
	}
	l.onlyWhere(e + " = " + quoteText(chosen[0]))
	l.leftOut = append(l.leftOut, omission{
		what:  "events of other applications or tenants (" + listed(without(contexts, chosen[0]), 5) + ")",
		count: "SELECT count(*) FROM " + p.name(t) + " WHERE " + quoteName(t.column(column).name) + " <> " + quoteText(chosen[0]),
	})
	return nil
}

// withoutOrder is for contexts that number their events each by itself: a
// position then orders the events of one of them only.
func (l *layout) withoutOrder() {
	l.cols[colPosition] = ""
	l.recognised += "; each numbers its events from 1: choose one with --context to have positions"
}

func andAlso(where, cond string) string {
	if where == "" {
		return cond
	}
	return where + " AND " + cond
}

// prefixed names streams CONTEXT/ID; the context is a column's.
func (l *layout) prefixed(context string, contexts []string) {
	id := l.cols[colStream]
	plain := layout{streamKey: l.streamKey, streamArg: l.streamArg}
	l.cols[colStream] = "(" + context + " || '/' || " + id + ")"
	if strings.Contains(id, ` COLLATE "C"`) {
		l.cols[colStream] = "(" + l.cols[colStream] + ` COLLATE "C")`
	}
	l.uuids[colStream] = ""
	l.streamKey, l.streamArg = "", nil
	l.namedInContexts(contexts, func(arg func(any) string, c, id string) (string, bool) {
		v, ok := plain.streamArg(id)
		if !ok {
			return "", false
		}
		return context + " = " + arg(c) + " AND " + plain.streamKey + " = " + arg(v), true
	})
}
