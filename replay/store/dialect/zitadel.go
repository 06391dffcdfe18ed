package dialect

import (
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchZitadel binds the event store of Zitadel (2.40 and later).
//
//	eventstore.events2(instance_id text, aggregate_type text, aggregate_id text, sequence bigint, event_type text,
//	  revision smallint, created_at timestamptz, payload jsonb, creator text, owner text, position numeric, in_tx_order integer)
//
// A stream is named TYPE/ID, and INSTANCE/TYPE/ID if the instance is not the only one or
// the chosen context. The actor is the creator. The library's position is a time in
// seconds, with the order within its transaction next to it: the position of an event is
// the microseconds times 4096, plus that order. If two events then have one position, as
// two transactions may begin at one time, there are no positions.
func matchZitadel(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("events2", "instance_id", "aggregate_type", "aggregate_id", "sequence", "event_type", "revision",
		"created_at", "payload", "creator", "owner", "position", "in_tx_order")
	if err != nil {
		return nil, err
	}
	pairs, instances, err := zitadelTypes(p, t)
	if err != nil {
		return nil, err
	}
	chosen, err := p.Opts.Choose(instances)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("table events2 with instance_id, aggregate_type, in_tx_order"),
		From:       p.Name(t) + " AS e",
		Contexts:   append([]string{}, instances...),
	}
	l.Cols = [source.NumFields]string{
		source.Version: `e."sequence"`, source.Time: "e.created_at", source.Type: p.Text("e", t, "event_type"),
		source.Category: p.Text("e", t, "aggregate_type"), source.Revision: "e.revision", source.Data: "e.payload",
		source.Actor: "e.creator", source.Meta: "json_build_object('owner', e.owner)::text",
	}
	zitadelStreams(p, l, t, pairs, chosen)
	if len(instances) > len(chosen) {
		l.Where = "e.instance_id = " + table.QuoteText(chosen[0])
		l.LeftOut = append(l.LeftOut, table.Omission{
			What:  "events of other instances (" + source.Listed(source.Without(instances, chosen[0]), 5) + ")",
			Count: "SELECT count(*) FROM " + p.Name(t) + " AS e WHERE NOT (" + l.Where + ")",
		})
	}
	return l, zitadelPositions(p, l)
}

// zitadelTypes lists the types of the aggregates of each instance, and the instances.
func zitadelTypes(p *postgres.Probe, t *table.Table) (pairs [][2]string, instances []string, err error) {
	err = p.EachRow("SELECT instance_id, aggregate_type FROM "+p.Name(t)+` GROUP BY 1, 2 ORDER BY instance_id COLLATE "C", aggregate_type COLLATE "C"`, func(cells [][]byte) error {
		one := [2]string{string(cells[0]), string(cells[1])}
		if len(pairs) == 0 || pairs[len(pairs)-1][0] != one[0] {
			instances = append(instances, one[0])
		}
		pairs = append(pairs, one)
		return nil
	})
	return pairs, instances, err
}

// zitadelStreams names the streams of the chosen instances.
func zitadelStreams(p *postgres.Probe, l *table.Layout, t *table.Table, pairs [][2]string, chosen []string) {
	name := "e.aggregate_type || '/' || e.aggregate_id"
	of := map[string][2]string{}
	var prefixes []string
	for _, pair := range pairs {
		prefix := pair[1]
		if len(chosen) > 1 {
			prefix = pair[0] + "/" + pair[1]
		} else if pair[0] != chosen[0] {
			continue
		}
		of[prefix] = pair
		prefixes = append(prefixes, prefix)
	}
	if len(chosen) > 1 {
		name = "e.instance_id || '/' || " + name
		l.Recognised += fmt.Sprintf("; %d instances, whose streams begin with the name: %s", len(chosen), source.Listed(chosen, 5))
	}
	p.Stream(l, "e", t, "aggregate_id")
	storable := l.StreamArg
	l.Cols[source.Stream] = p.Collated("(" + name + ")")
	l.NamedInContexts(prefixes, func(arg func(any) string, prefix, id string) (string, bool) {
		pair := of[prefix]
		if _, ok := storable(id); !ok {
			return "", false
		}
		return "e.instance_id = " + arg(pair[0]) + " AND e.aggregate_type = " + arg(pair[1]) + " AND e.aggregate_id = " + arg(id), true
	})
}

// zitadelPositions makes the positions whole numbers, if all are different and in range.
func zitadelPositions(p *postgres.Probe, l *table.Layout) error {
	where := ""
	if l.Where != "" {
		where = " WHERE " + l.Where
	}
	const (
		orders  = 4096
		seconds = 1 << 31 // a later position is not a time in seconds
	)
	v, err := p.One(fmt.Sprintf(`SELECT 1 FROM %s%s GROUP BY e."position", e.in_tx_order HAVING count(*) > 1 OR e.in_tx_order NOT BETWEEN 0 AND %d`+
		` OR e."position" NOT BETWEEN 0 AND %d OR e."position" <> trunc(e."position", 6) LIMIT 1`, l.From, where, orders-1, seconds-1))
	if err != nil {
		return err
	}
	if v.Kind != cell.Null {
		l.Recognised += "; its positions do not order all events, so there are none"
		return nil
	}
	l.Cols[source.Position] = fmt.Sprintf(`((e."position" * 1000000)::bigint * %d + e.in_tx_order)`, orders)
	l.Recognised += fmt.Sprintf("; a position is the microseconds × %d + in_tx_order", orders)
	return nil
}
