using System.Buffers.Text;
using System.Text;

namespace OrleansBatch.Processes;

/// <summary>What <c>/proc/PID/stat</c> says of a process.</summary>
/// <param name="Parent">Its parent's id.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Session">Its session.</param>
/// <param name="State">The state's letter; Z and X mean dead.</param>
/// <param name="StartTicks">Clock ticks from boot to its start.</param>
public readonly record struct ProcessStatus(int Parent, int Group, int Session, char State, long StartTicks)
{
    private const int StateField = 3;
    private const int StartField = 22;

    /// <summary>Whether nothing of it runs any more.</summary>
    public bool IsDead => State is 'Z' or 'X' or 'x';

    /// <summary>Reads it, without a heap allocation but for the path: it is read once per start.</summary>
    /// <returns>Null when there is no such process.</returns>
    public static unsafe ProcessStatus? Read(int pid)
    {
        var descriptor = Libc.Open($"/proc/{pid}/stat", Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[1024];
        nint length;
        fixed (byte* buffer = text)
        {
            length = Libc.Read(descriptor, buffer, text.Length);
        }

        _ = Libc.Close(descriptor);
        return length > 0 ? Parse(text[..(int)length]) : null;
    }

    /// <summary>Takes the line apart. The second field, the name, may hold blanks and brackets: what counts is the last bracket.</summary>
    /// <returns>Null when it is not such a line.</returns>
    public static ProcessStatus? Parse(ReadOnlySpan<byte> line)
    {
        var rest = line[(line.LastIndexOf((byte)')') + 1)..].TrimStart((byte)' ');
        Span<long> numbers = stackalloc long[StartField + 1];
        var state = rest.IsEmpty ? '\0' : (char)rest[0];
        for (var field = StateField; field <= StartField; field++)
        {
            var end = rest.IndexOf((byte)' ');
            if (end < 0)
            {
                return null;
            }

            if (field > StateField && (!Utf8Parser.TryParse(rest[..end], out numbers[field], out var used) || used != end))
            {
                return null;
            }

            rest = rest[(end + 1)..];
        }

        return new((int)numbers[4], (int)numbers[5], (int)numbers[6], state, numbers[StartField]);
    }

    /// <summary>As <see cref="Parse(ReadOnlySpan{byte})"/>, of a text.</summary>
    public static ProcessStatus? Parse(string line) => Parse(Encoding.UTF8.GetBytes(line));
}
