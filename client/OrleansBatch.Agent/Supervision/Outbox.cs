using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent.Supervision;

/// <summary>Orders on their way to the supervisor: kept until it has journalled them, sent again to its successor.</summary>
/// <remarks>
/// Whoever adds an order to an idle outbox sends it, on its own thread; what others add meanwhile goes out with the next send.
/// </remarks>
internal sealed class Outbox
{
    private readonly Lock _gate = new();
    private readonly FrameWriter _writer = new();
    private readonly Queue<Order> _unconfirmed = new();
    private Queue<Order> _waiting = new();
    private SupervisorConnection? _connection;
    private Task _sending = Task.CompletedTask;
    private Exception? _closed;
    private long _sequence;

    /// <summary>Sends an order, now or when there is a supervisor.</summary>
    /// <returns>Completes when the supervisor has journalled it.</returns>
    public Task Add(Frame frame)
    {
        var order = new Order(frame);
        Action? send;
        lock (_gate)
        {
            if (_closed is not null)
            {
                return Task.FromException(_closed);
            }

            _waiting.Enqueue(order);
            send = BeginSending();
        }

        send?.Invoke();
        return order.Confirmed.Task;
    }

    /// <summary>Sends from now on over this connection, first again what nobody has confirmed.</summary>
    public async Task UseAsync(SupervisorConnection connection)
    {
        await StopSendingAsync();
        Action? send;
        lock (_gate)
        {
            _waiting = new([.. _unconfirmed, .. _waiting]);
            _unconfirmed.Clear();
            _sequence = 0;
            _connection = connection;
            send = BeginSending();
        }

        send?.Invoke();
    }

    /// <summary>Holds orders back until there is a new connection. The old one must be broken already.</summary>
    public async Task StopSendingAsync()
    {
        Task sending;
        lock (_gate)
        {
            _connection = null;
            sending = _sending;
        }

        await sending;
    }

    /// <summary>The supervisor has journalled all orders up to this number.</summary>
    public void Confirm(long sequence)
    {
        lock (_gate)
        {
            while (_unconfirmed.TryPeek(out var order) && order.Sequence <= sequence)
            {
                _unconfirmed.Dequeue().Confirmed.TrySetResult();
            }
        }
    }

    /// <summary>No order will be confirmed any more, these and later ones.</summary>
    public void Close(Exception reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
            foreach (var order in _unconfirmed.Concat(_waiting))
            {
                order.Confirmed.TrySetException(_closed);

                // Not everyone waits for a confirmation, and none of them must end the program.
                _ = order.Confirmed.Task.Exception;
            }

            _unconfirmed.Clear();
            _waiting.Clear();
        }
    }

    private Action? BeginSending()
    {
        if (!_sending.IsCompleted || _connection is not { } connection || _waiting.Count == 0)
        {
            return null;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sending = done.Task;
        return () => _ = SendAllAsync(connection, done);
    }

    private async Task SendAllAsync(SupervisorConnection connection, TaskCompletionSource done)
    {
        var alive = true;
        while (alive && TakeWaiting(connection, done) is { Count: > 0 } orders)
        {
            _writer.Clear();
            foreach (var order in orders)
            {
                _writer.Add(order.Frame with { Sequence = order.Sequence });
            }

            alive = await connection.SendAsync(_writer.Bytes);
        }

        // If it is broken the reading side notices too, and comes with another.
        done.TrySetResult();
    }

    private List<Order> TakeWaiting(SupervisorConnection connection, TaskCompletionSource done)
    {
        lock (_gate)
        {
            List<Order> orders = [];
            while (_connection == connection && _waiting.TryDequeue(out var order))
            {
                order.Sequence = ++_sequence;
                _unconfirmed.Enqueue(order);
                orders.Add(order);
            }

            if (orders.Count == 0)
            {
                // Inside the gate: who adds next must see that nobody sends.
                done.TrySetResult();
            }

            return orders;
        }
    }

    private sealed class Order(Frame frame)
    {
        public Frame Frame { get; } = frame;

        public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Sequence { get; set; }
    }
}
