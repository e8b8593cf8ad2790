using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Load;

/// <summary>Calls the scheduler over any of its doors, again until it is answered, as an SDK does; and writes down each call and answer.</summary>
internal sealed class Caller : IDisposable
{
    private const int AnswersForALostOne = 15;
    private const int MostTriesThatLoseAnswers = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HistoryRecorder _recorder;
    private readonly (string Name, HttpClient Http)[] _doors;
    private readonly Random _random;
    private long _calls;
    private long _repeated;

    public Caller(HistoryRecorder recorder, IReadOnlyList<(string Name, Uri Address)> doors, int seed)
    {
        _recorder = recorder;
        _random = new(seed);
        _doors = [.. doors.Select(door => (door.Name, new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64, ConnectTimeout = TimeSpan.FromSeconds(1) })
        {
            BaseAddress = door.Address,
            Timeout = Patience,
            DefaultRequestHeaders = { { "Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/batch/aws4_request, SignedHeaders=host, Signature=0" } },
        }))];
    }

    /// <summary>Calls so far, and how many of them were repetitions.</summary>
    public (long All, long Repeated) Counts => (Interlocked.Read(ref _calls), Interlocked.Read(ref _repeated));

    /// <summary>A command, with its history, until it is answered.</summary>
    /// <returns>The answer; null: it was refused.</returns>
    public async Task<JsonObject?> CommandAsync(string operation, string subject, object request, string invocationId, string? reason, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            var (name, http) = AnyDoor();
            var call = Interlocked.Increment(ref _calls);
            _recorder.Add(new CallMade { At = BootClock.Now, Call = call, Operation = operation, Subject = subject, InvocationId = invocationId, Reason = reason, Door = name });
            var (status, body, error) = await SendAsync(http, operation, request, invocationId, cancellationToken);
            _recorder.Add(new CallAnswered { At = BootClock.Now, Call = call, Status = status, JobId = status == 200 ? (string?)body?["jobId"] : null, Error = error });
            switch (status)
            {
                case 200 when !IsAnswerLost(tries):
                    return body;
                case >= 400 and < 500 and not 408 and not 429:
                    return null;
            }

            _ = Interlocked.Increment(ref _repeated);
            await Task.Delay(Backoff(tries), cancellationToken);
        }
    }

    /// <summary>A call that is no part of the history, until it is answered.</summary>
    public async Task<JsonObject> ReadAsync(string operation, object request, CancellationToken cancellationToken)
    {
        var invocationId = Guid.NewGuid().ToString();
        for (var tries = 0; ; tries++)
        {
            var (status, body, error) = await SendAsync(AnyDoor().Http, operation, request, invocationId, cancellationToken);
            if (status == 200)
            {
                return body!;
            }

            if (status is >= 400 and < 500 and not 408 and not 429)
            {
                throw new InvalidOperationException($"{operation} was refused: {error}");
            }

            await Task.Delay(Backoff(tries), cancellationToken);
        }
    }

    /// <summary>Reads from the part of the API that is the scheduler's own, until it is answered.</summary>
    public async Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await AnyDoor().Http.GetAsync(path, cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
                }
            }
            catch (Exception exception) when (IsUnanswered(exception, cancellationToken))
            {
                // Another door, or the same later.
            }

            await Task.Delay(Backoff(tries), cancellationToken);
        }
    }

    /// <summary>One look at jobs over one door, into the history. A door that does not answer says nothing.</summary>
    public async Task SeeAsync(IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        var (name, http) = AnyDoor();
        var asked = BootClock.Now;
        var (status, body, _) = await SendAsync(http, "DescribeJobs", new { jobs = jobIds }, null, cancellationToken);
        var at = BootClock.Now;
        if (status != 200)
        {
            return;
        }

        var found = body!["jobs"]!.AsArray().ToDictionary(job => (string)job!["jobId"]!);
        foreach (var jobId in jobIds)
        {
            var job = found.GetValueOrDefault(jobId);
            _recorder.Add(new JobSeen
            {
                At = at,
                Asked = asked,
                JobId = jobId,
                Status = (string?)job?["status"],
                StatusReason = (string?)job?["statusReason"],
                StoppedAt = (long?)job?["stoppedAt"],
                Attempts = job?["attempts"]?.AsArray().Count ?? 0,
                Door = name,
            });
        }
    }

    public void Dispose()
    {
        foreach (var (_, http) in _doors)
        {
            http.Dispose();
        }
    }

    private static async Task<(int? Status, JsonObject? Body, string? Error)> SendAsync(
        HttpClient http, string operation, object request, string? invocationId, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/{operation.ToLowerInvariant()}") { Content = JsonContent.Create(request) };
        if (invocationId is not null)
        {
            message.Headers.Add("amz-sdk-invocation-id", invocationId);
        }

        try
        {
            using var answer = await http.SendAsync(message, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode
                ? ((int)answer.StatusCode, string.IsNullOrEmpty(text) ? [] : JsonNode.Parse(text)!.AsObject(), null)
                : ((int)answer.StatusCode, null, text);
        }
        catch (Exception exception) when (IsUnanswered(exception, cancellationToken))
        {
            return (null, null, exception.Message);
        }
    }

    private static bool IsUnanswered(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Some answers do not come to the client although they were given: it calls again.</summary>
    private bool IsAnswerLost(int tries)
    {
        lock (_random)
        {
            return tries < MostTriesThatLoseAnswers && _random.Next(AnswersForALostOne) == 0;
        }
    }

    private TimeSpan Backoff(int tries)
    {
        lock (_random)
        {
            return TimeSpan.FromMilliseconds(_random.Next(20, 100 << Math.Min(tries, 3)));
        }
    }

    private (string Name, HttpClient Http) AnyDoor()
    {
        lock (_random)
        {
            return _doors[_random.Next(_doors.Length)];
        }
    }
}
