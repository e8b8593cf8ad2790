using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansBatch.Api.Operations;

namespace OrleansBatch.Api;

/// <summary>Takes requests in and sends answers out. It has no rules of its own: what is allowed is decided behind the grains.</summary>
internal sealed partial class Door(IGrainFactory grains, IOptions<BatchApiOptions> options, ILogger<Door> logger)
{
    /// <summary>Of every answer.</summary>
    public const string RequestIdHeader = "x-amzn-RequestId";
    private const string ErrorTypeHeader = "x-amzn-ErrorType";

    /// <summary>Serves one operation, or several that are told apart by their method.</summary>
    public RequestDelegate Serve(params IReadOnlyList<Operation> operations)
    {
        var methods = string.Join(", ", operations.Select(operation => operation.Method));
        return context => operations.FirstOrDefault(operation => HttpMethods.Equals(operation.Method, context.Request.Method)) is { } operation
            ? RunAsync(context, operation)
            : RefuseMethod(context, methods);
    }

    /// <summary>Serves the operation that the <c>X-Amz-Target</c> header names, or, without one, the one that takes forms.</summary>
    public RequestDelegate ServeByTarget(Func<string, Operation?> find, Operation ofForms) => context =>
    {
        var target = context.Request.Headers["X-Amz-Target"].ToString();
        var operation = find(target);
        if (operation is null && target.Length == 0 && GetCallerIdentity.IsForm(context.Request))
        {
            operation = ofForms;
        }

        if (operation is not null)
        {
            return RunAsync(context, operation);
        }

        var message = target.Length == 0 ? "The request names no operation: it has no X-Amz-Target header." : $"There is no operation {target}.";
        return Refuse(context, Dialect.Logs, StatusCodes.Status400BadRequest, Dialect.UnknownOperation, message);
    };

    /// <summary>Answers for an operation that is known and not there yet.</summary>
    public static RequestDelegate RefuseLater(string name) => context => HttpMethods.IsPost(context.Request.Method)
        ? Refuse(context, Dialect.Batch, StatusCodes.Status400BadRequest, Dialect.Batch.ClientFault, $"{name} is not available yet.")
        : RefuseMethod(context, "POST");

    /// <summary>Answers for paths that mean nothing.</summary>
    public static RequestDelegate RefuseUnknown() => context => Refuse(
        context,
        Dialect.Batch,
        StatusCodes.Status404NotFound,
        Dialect.UnknownOperation,
        $"There is no operation at {context.Request.Method} {context.Request.Path}.");

    private async Task RunAsync(HttpContext context, Operation operation)
    {
        var requestId = BeginAnswer(context, operation.Dialect);
        var answer = AnswerBuffer.Rent();
        try
        {
            var caller = Caller.Of(context.Request, options.Value);
            await operation.RunAsync(context.Request, caller, grains, answer);
            if (!context.Response.HasStarted)
            {
                answer.Send(context.Response);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone: there is nobody to answer, and nothing failed on our side.
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            SendError(context, operation, requestId, failure, answer);
        }
        catch (Exception failure)
        {
            // An answer without an end that had begun: the caller sees it break off, and comes again.
            LogFailed(failure, operation.Name, requestId);
            context.Abort();
        }
        finally
        {
            answer.Return();
        }
    }

    private void SendError(HttpContext context, Operation operation, string requestId, Exception failure, AnswerBuffer answer)
    {
        var fault = Fault.Of(failure, operation.Dialect, requestId);
        if (fault.IsOurs)
        {
            LogFailed(failure, operation.Name, requestId);
        }

        Send(context, operation.Dialect, fault, requestId, answer);
    }

    private static Task RefuseMethod(HttpContext context, string methods)
    {
        context.Response.Headers.Allow = methods;
        return Refuse(
            context,
            Dialect.Batch,
            StatusCodes.Status405MethodNotAllowed,
            Dialect.Batch.ClientFault,
            $"{context.Request.Path} takes {methods}, not {context.Request.Method}.");
    }

    private static Task Refuse(HttpContext context, Dialect dialect, int status, string type, string message)
    {
        var requestId = BeginAnswer(context, dialect);
        var answer = AnswerBuffer.Rent();
        try
        {
            Send(context, dialect, new(status, type, message), requestId, answer);
        }
        finally
        {
            answer.Return();
        }

        return Task.CompletedTask;
    }

    private static string BeginAnswer(HttpContext context, Dialect dialect)
    {
        var requestId = Guid.NewGuid().ToString();
        context.Response.Headers[RequestIdHeader] = requestId;
        context.Response.ContentType = dialect.ContentType;
        return requestId;
    }

    private static void Send(HttpContext context, Dialect dialect, Fault fault, string requestId, AnswerBuffer answer)
    {
        context.Response.StatusCode = fault.Status;
        context.Response.Headers[ErrorTypeHeader] = fault.Type;
        dialect.WriteError(answer, fault.Status, fault.Type, fault.Message, requestId);
        answer.Send(context.Response);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Operation} failed on our side, request {RequestId}")]
    private partial void LogFailed(Exception failure, string operation, string requestId);
}
