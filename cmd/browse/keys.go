package browse

// A binding is a key, as people read it, and what it does.
type binding struct{ keys, does string }

// listKeys and streamKeys are what ? shows.
var (
	listKeys = []binding{
		{"type", "filter by id or category, in any case, with gaps"},
		{"/", "start a filter with a letter that is also a key"},
		{"Backspace Esc", "shorten the filter; remove it"},
		{"↑ ↓ PgUp PgDn Home End", "move"},
		{"Enter", "open the stream"},
		{"R Ctrl-R", "reload the store"},
		{"y Ctrl-Y", "copy the command that lists this"},
		{"z", "times in UTC or in the zone of --tz"},
		{"q Esc Ctrl-C", "quit"},
	}
	streamKeys = []binding{
		{"← → Home End", "previous, next, first, last event (h l)"},
		{"{ }", "previous, next event that changed the chosen path"},
		{":", "go to a point: 17, head~3, type:X, 2026-01-26 …"},
		{"Tab", "switch between the events and the state"},
		{"↑ ↓ PgUp PgDn", "move in the events or the state (k j)"},
		{"Enter", "collapse or expand the chosen part of the state"},
		{"b", "history of the chosen path"},
		{"w", "why it has its value"},
		{"m D", "mark this event, diff from the mark to here"},
		{"B", "bisect: the first event that made an expression true"},
		{"x", "what if this event was dropped or changed"},
		{"↑", "at a prompt, the previous entry"},
		{"t", "what caused the event and what it caused"},
		{"f", "list only the events of a type"},
		{"/ n N", "search payloads and states; next, previous find"},
		{"e", "the event with its payload"},
		{"T", "timeline: by time, or one tick per event"},
		{"z", "times in UTC or in the zone of --tz"},
		{"y", "copy the command that prints what is shown"},
		{"R", "reload the store"},
		{"Esc", "cancel a question; close; back to the streams"},
		{"q Ctrl-C", "quit"},
	}
)
