fromCategory("sku").foreachStream().when({
  $init: () => ({ on_hand: 0, reserved: 0, available: 0 }),
  Received: (s, e) => { s.on_hand += e.data.qty; s.available = s.on_hand - s.reserved },
  Reserved: (s, e) => { s.reserved += e.data.qty; s.available = s.on_hand - s.reserved },
  Shipped: (s, e) => { s.reserved -= e.data.qty; s.on_hand -= e.data.qty; s.available = s.on_hand - s.reserved },
  Counted: (s, e) => { s.on_hand = e.data.qty; s.available = s.on_hand - s.reserved },
  Relabelled: (s, e) => { s.label = e.data.label },
})
