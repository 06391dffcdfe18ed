package dialect

import (
	"fmt"
	"slices"

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
	instances, err := p.Steps(t, "instance_id")
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
	zitadelStreams(p, l, t, chosen)
	if len(instances) > len(chosen) {
		l.Where = "e.instance_id = " + table.QuoteText(chosen[0])
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of other instances ("+source.Listed(source.Without(instances, chosen[0]), 5)+")", "SELECT count(*) FROM "+p.Name(t)+" AS e WHERE NOT ("+l.Where+")"))
	}
	return l, zitadelPositions(p, l)
}

// zitadelStreams names the streams of the chosen instances.
func zitadelStreams(p *postgres.Probe, l *table.Layout, t *table.Table, chosen []string) {
	columns := []string{"aggregate_type", "aggregate_id"}
	if len(chosen) > 1 {
		columns = slices.Insert(columns, 0, "instance_id")
		l.Recognised += fmt.Sprintf("; %d instances, whose streams begin with the name: %s", len(chosen), source.Listed(chosen, 5))
	}
	names := make([]*table.Layout, len(columns))
	for i, c := range columns {
		names[i] = &table.Layout{}
		p.Stream(names[i], "e", t, c)
	}
	l.NamedBy(p.Collated, names...)
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
