using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;

namespace OrleansBatch.Api.Tests.BadInput;

/// <summary>Everything that can be wrong with a request, made from the shapes and sent to the real program: each is taken, or refused by name.</summary>
/// <remarks>What is drawn at random is drawn from a fixed seed, which a failure prints.</remarks>
[Collection(ARealScheduler.Collection)]
public sealed class GeneratedTests(ARealScheduler scheduler, ITestOutputHelper output)
{
    private const int Seed = 20160810;
    private const int AtOnce = 32;
    private const int MostPerOperation = 2_500;

    /// <summary>Texts of the live service that name what is wrong in other words than those of the member.</summary>
    private static readonly string[] ServicesWords =
    [
        "Job name should match", "Job Queue name should match", "Compute Environment name should match", "Provided name", "does not exist", "vCPU is required", "vCPU must be",
        "GPU is not", "Cannot use both", "at most", "valid JSON", "must be a JSON object", "not valid UTF-8", "longer than", "is not available yet", "Fargate", "not applicable",
        "A ulimit needs", "A tmpfs needs", "A device needs", "A secret needs", "A mount point", "reserved", "resource is being modified", "desiredvCpus", "minvCpus", "Instance role",
        "EvaluateOnExit", "Evaluate on exit", "RetryAttempts", "AttemptDurationSeconds", "Scheduling priority", "executionRoleArn", "jobs must name", "Exactly one of", "Tag key", "The value of tag",
        "EFS", "shareIdentifier", "Compute Environments must be created", "Unable to substitute", "Device permission", "Launch", "Ulimit name", "memory", "MEMORY", "VCPU", "GPU", "User '",
        "Platform capability", "Job definition type", "Compute environment type", "Container image", "can not be mixed", "can not be used together", "Job queue type", "Log driver", "nextToken",
        "log group", "log stream", "Cannot order by", "Only one of", "either", "Filter ", "is for array jobs", "Instance type", "Cannot delete", "ShareIdentifier name", "Scheduling policy name", "Weight factor", "ShareDistribution", "Consumable resource name", "SchedulingPolicy", "Invalid job action", "job state limit", "Allocation strategy", "spotIamFleetRole", "bidPercentage", "is required",
    ];

    public static TheoryData<string> Names => [.. AllOperations.List.Select(operation => operation.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_valid_request_is_what_the_others_are_made_of(string name)
    {
        var operation = AllOperations.List.Single(one => one.ToString() == name);

        var answer = await scheduler.CallAsync(operation, scheduler.Body(operation, operation.Valid));

        Assert.Null(answer.Unsoundness());
        Assert.True(answer.Status == (operation.IsRefused ? 400 : 200), answer.Body);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public Task Any_value_in_any_member_is_taken_or_refused_by_name(string name)
    {
        var operation = AllOperations.List.Single(one => one.ToString() == name);
        var all = Mutations.Of(operation).ToArray();
        var chosen = new Random(Seed);
        chosen.Shuffle(all);
        return SendAllAsync(all.Take(MostPerOperation).Select(one => (
            $"{name} with {(one.Path.Length == 0 ? "a body" : one.Path)} of {Short(one.Value)}",
            one.Path,
            (Func<Task<WireAnswer>>)(() => scheduler.CallAsync(operation, scheduler.Body(operation, one.Body))))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_request_that_is_cut_anywhere_or_damaged_is_taken_or_refused(string name)
    {
        var operation = AllOperations.List.Single(one => one.ToString() == name);
        var valid = scheduler.Body(operation, operation.Valid);
        var random = new Random(Seed);
        var cut = Enumerable.Range(0, valid.Length).Select(length => valid[..length]);
        var damaged = Enumerable.Range(0, 200).Select(_ =>
        {
            var bytes = valid.ToArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            return bytes;
        });
        return SendAllAsync(cut.Concat(damaged).Select(bytes => (
            $"{name} with the body {Convert.ToHexString(bytes)}", "", (Func<Task<WireAnswer>>)(() => scheduler.CallAsync(operation, bytes)))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Another_frame_around_a_request_is_taken_or_refused(string name)
    {
        var operation = AllOperations.List.Single(one => one.ToString() == name);
        var valid = scheduler.Body(operation, operation.Valid);
        var path = operation.Path.Replace("{job}", scheduler.JobId, StringComparison.Ordinal);
        List<(string, string, Func<Task<WireAnswer>>)> calls =
        [
            ("an empty body", "", () => scheduler.CallAsync(operation, [])),
            ("no body", "", () => scheduler.SendAsync(operation.Method, path, null, operation.Headers)),
            ("a compressed body", "", () => scheduler.SendAsync(operation.Method, path, Compressed(valid), operation.Headers)),
            ("a body of two megabytes", "", () => scheduler.CallAsync(operation, Enumerable.Repeat((byte)' ', 2_000_000).ToArray())),
            ("a chunked body of two megabytes", "", () => scheduler.SendAsync(operation.Method, path, new Chunked(2_000_000), operation.Headers)),
            ("a chunked body", "", () => scheduler.SendAsync(operation.Method, path, new Chunked(0, valid), operation.Headers)),
        ];
        foreach (var type in new[] { "text/plain", "nonsense", "application/json; charset=utf-16", "multipart/form-data; boundary=x" })
        {
            calls.Add(($"content type {type}", "", () => scheduler.SendAsync(operation.Method, path, Typed(valid, type), operation.Headers)));
        }

        foreach (var method in new[] { "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW" })
        {
            calls.Add(($"method {method}", "", async () =>
            {
                var answer = await scheduler.SendAsync(new(method), path, null, operation.Headers);
                Assert.True(answer.Status is 200 or (>= 400 and < 500), $"{method} {path} answered {answer.Status}");

                // The answer to HEAD has no body to look into.
                return method == "HEAD" ? answer with { Status = 200 } : answer;
            }
            ));
        }

        await SendAllAsync(calls.Select(call => ($"{name} with {call.Item1}", call.Item2, call.Item3)));
    }

    [Fact]
    public Task A_path_that_means_nothing_is_answered()
    {
        string[] paths =
        [
            "/v1", "/v1/", "/v1/nothing", "/v2/submitjob", "/v1/submitjob/more", "/v1/submitjob%2Fmore", "/v1//submitjob", "/V1/SUBMITJOB/", "/.", "/%2e%2e/%2e%2e/etc/passwd",
            "/%20", "/" + new string('a', 5_000), "/?" + new string('q', 5_000), "/v1/tags", "/v1/tags/", "/api/x", "/favicon.ico", "/%E4%B8%AD", "/v1/submitjob?x=%GG",
        ];
        return SendAllAsync(paths.SelectMany(path => new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete }.Select(method => (
            $"{method} {Short(path)}", "", (Func<Task<WireAnswer>>)(() => scheduler.SendAsync(method, path, method == HttpMethod.Post ? new StringContent("{}") : null))))));
    }

    [Fact]
    public Task A_tag_path_is_decoded_once_or_refused()
    {
        const string Ours = "arn%3Aaws%3Abatch%3Aus-east-1%3A123456789012%3A";
        string[] arns =
        [
            "%GG", "%", "%2", "arn%3", "%C0%AF", "%ED%A0%80", "%FF", "%0A", "%7F", "%252F", "%25252525", Ours + "job-queue%252Fvalid", Ours + "job-queue%2Fvalid%2F", Ours + "job-queue/valid",
            Ours + "job-queue%2F", Ours + "job-queue%2F..%2F..%2Fx", Ours + "job%2F" + new string('a', 20_000), Ours + "job%2F%F0%9F%92%A9", "arn:aws:batch:::job/x", ":::::", "a%3Ab", "..", "%2e%2e",
            Ours + "job%2F0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11%3A3", Ours + "job%2F0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11%231", Ours + "job-definition%2Fvalid", Ours + "job-definition%2Fvalid%3A1%3A1",
            Ours + "job-definition%2Fvalid%3A0", Ours + "job-definition%2Fvalid%3A-1", Ours + "job-definition%2Fvalid%3A2147483648", "arn%3Aaws%3Abatch%3Aeu-west-1%3A123456789012%3Ajob-queue%2Fvalid",
        ];
        string[] queries = ["", "?tagKeys", "?tagKeys=", "?tagKeys=%GG", "?tagKeys=a&tagKeys=b", "?tagKeys=aws:x", "?TagKeys=a", "?tagKeys=" + new string('k', 3_000), "?" + string.Join('&', Enumerable.Repeat("tagKeys=k", 60))];
        return SendAllAsync(arns.SelectMany(arn => new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete }.SelectMany(method =>
            (method == HttpMethod.Delete ? queries : [""]).Select(query => (
                $"{method} /v1/tags/{Short(arn)}{Short(query)}",
                "",
                (Func<Task<WireAnswer>>)(() => scheduler.SendAsync(method, $"/v1/tags/{arn}{query}", method == HttpMethod.Post ? new StringContent("""{"tags":{"a":"b"}}""") : null)))))));
    }

    [Fact]
    public Task Other_targets_forms_and_signatures_are_answered()
    {
        string?[] targets = [null, "", " ", "x", "Logs_20140328.", "Logs_20140328.Nothing", "Logs_20140328.getlogevents", "DynamoDB_20120810.ListTables", new('t', 5_000)];
        string[] forms = ["", "Action", "Action=", "Action=GetCallerIdentity", "Action=%00%FF", "Action=GetCallerIdentity&Version=1", "=&=&;", "%GG=%", new('f', 100_000)];
        string[] signatures =
        [
            "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request", "AWS4-HMAC-SHA256 Credential=a/b/REGION!/batch/aws4_request, Signature=0",
            "AWS4-HMAC-SHA256 Credential=////aws4_request", "Basic eDp5", "AWS4-HMAC-SHA256 Credential=" + new string('/', 3_000),
        ];
        return SendAllAsync(
        [
            .. targets.Select(target => ($"target {target}", "", (Func<Task<WireAnswer>>)(() => scheduler.SendAsync(
                HttpMethod.Post, "/", new StringContent("{}"), target is null ? [] : [("X-Amz-Target", target)])))),
            .. forms.Select(form => ($"form {Short(form)}", "", (Func<Task<WireAnswer>>)(() => scheduler.SendAsync(
                HttpMethod.Post, "/", Typed(Encoding.UTF8.GetBytes(form), "application/x-www-form-urlencoded"))))),
            .. signatures.Select(signature => ($"signature {Short(signature)}", "", (Func<Task<WireAnswer>>)(() => scheduler.SendAsync(
                HttpMethod.Post, "/v1/describejobqueues", new StringContent("{}"), ("Authorization", signature))))),
        ]);
    }

    [Fact]
    public async Task Many_calls_at_once_about_one_job_are_all_answered()
    {
        // One that never was, one that waits until the first of them ends it, and the tags of that one.
        using var batch = new Testing.BatchClient(scheduler.Endpoint);
        var job = await batch.SubmitAsync(new { jobName = "ended", jobQueue = "valid", jobDefinition = "valid" });
        string[] ids = ["1b8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11", job];
        await SendAllAsync(Enumerable.Range(0, 2_000).Select(i => (
            $"call {i}",
            "",
            (Func<Task<WireAnswer>>)(() => scheduler.SendAsync(
                HttpMethod.Post, i % 2 == 0 ? "/v1/canceljob" : "/v1/terminatejob", new StringContent($$"""{"jobId":"{{ids[i / 2 % 2]}}","reason":"r"}"""))))));
        await SendAllAsync(Enumerable.Range(0, 500).Select(i => (
            $"tag {i}",
            "",
            (Func<Task<WireAnswer>>)(() => scheduler.SendAsync(
                HttpMethod.Post, $"/v1/tags/arn%3Aaws%3Abatch%3Aus-east-1%3A123456789012%3Ajob%2F{job}", new StringContent($$$"""{"tags":{"a":"{{{i}}}"}}"""))))));
    }

    private async Task SendAllAsync(IEnumerable<(string What, string Path, Func<Task<WireAnswer>> Send)> calls)
    {
        var (sent, taken) = (0, 0);
        ConcurrentBag<string> wrong = [];
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (call, cancellation) =>
        {
            try
            {
                var answer = await call.Send();
                Interlocked.Increment(ref sent);
                if (answer.Status == 200)
                {
                    Interlocked.Increment(ref taken);
                }

                if (answer.Unsoundness() is { } unsound)
                {
                    wrong.Add($"{call.What}: {unsound}: {answer.Status} {Short(answer.Body)}");
                }
                else if (answer.Message is { } message && !Names_it(message, call.Path))
                {
                    wrong.Add($"{call.What} is not named by: {Short(message)}");
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                wrong.Add($"{call.What} got no answer: {failure.Message} {failure.InnerException?.Message}");
            }
        });
        output.WriteLine($"{sent} sent, {taken} taken, seed {Seed}");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {sent} (seed {Seed}):\n{string.Join('\n', wrong.Order(StringComparer.Ordinal).Take(60))}");
        await scheduler.AssertUnharmedAsync();
    }

    private static bool Names_it(string message, string path) =>
        path.Length == 0
        || path.Split('.').Any(member => member.Length > 1 && message.Contains(member, StringComparison.OrdinalIgnoreCase))
        || ServicesWords.Any(words => message.Contains(words, StringComparison.Ordinal));

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static ByteArrayContent Typed(byte[] body, string type)
    {
        ByteArrayContent content = new(body);
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", type));
        return content;
    }

    private static ByteArrayContent Compressed(byte[] body)
    {
        using MemoryStream memory = new();
        using (GZipStream zip = new(memory, CompressionLevel.Fastest))
        {
            zip.Write(body);
        }

        ByteArrayContent content = new(memory.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    /// <summary>A body whose length is not told before.</summary>
    private sealed class Chunked(int blanks, byte[]? rest = null) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            for (var left = blanks; left > 0; left -= 50_000)
            {
                try
                {
                    await stream.WriteAsync(Enumerable.Repeat((byte)' ', Math.Min(left, 50_000)).ToArray());
                }
                catch (IOException)
                {
                    // Refused before its end: the answer says so.
                    return;
                }
            }

            await stream.WriteAsync(rest ?? []);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
